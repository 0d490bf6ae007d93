"""Whether CERTLOOKUP_KEYS are the keys that this database was sealed under; with others every lookup would find nobody."""

import logging
from functools import lru_cache

from django.core.checks import CheckMessage, Error, Tags, register
from django.core.exceptions import ImproperlyConfigured
from django.db import DatabaseError, OperationalError

from certificates.models import KeyFingerprint
from certlookup.checks import TAG
from certlookup.sealing import Key, live_keys

logger = logging.getLogger(__name__)

HINT = "Put the right keys back into CERTLOOKUP_KEYS or var/keys/certlookup_keys; docs/operators.md says how keys are changed."


class KeysDoNotFit(OperationalError):
    """The database was sealed under other keys; to whoever asks it is as if it were away."""


def require_fitting_keys() -> None:
    """Compare the live keys with the fingerprints, once per process and keys. Raises KeysDoNotFit and database errors."""
    _compare_once(live_keys())


@lru_cache(maxsize=1)
def _compare_once(live: tuple[Key, ...]) -> None:
    noted = {key.version: key for key in KeyFingerprint.objects.all()}
    fingerprints = {key.version: key.fingerprint() for key in live}
    for version, key in noted.items():
        if version not in fingerprints:
            if key.retired_at is None:
                raise KeysDoNotFit(f"Key version {version} is missing, and ID numbers are sealed under it.")
        elif bytes(key.fingerprint) != fingerprints[version]:
            raise KeysDoNotFit(f"Key version {version} is not the key that this database was sealed under.")
    newest = max(fingerprints)
    if newest not in noted:
        raise KeysDoNotFit(f"Key version {newest} is not known to this database yet: run manage.py set_up_database.")


@register(TAG, Tags.database)
def keys_fit_the_database(**_: object) -> list[CheckMessage]:
    """E004: with the wrong keys every lookup would answer 'not found'. A database that is away is asked later."""
    try:
        require_fitting_keys()
    except KeysDoNotFit as error:
        return [Error(str(error), hint=HINT, id="certlookup.E004")]
    except ImproperlyConfigured:
        # Missing or unreadable keys are E001's; lint has neither keys nor a database.
        return []
    except DatabaseError as error:
        logger.warning("The keys could not be compared yet: %s", str(error).splitlines()[0])
    return []
