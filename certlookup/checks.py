"""System checks of a deployment, each with an id and what to do; run by every command and before the site serves."""

import os
import re
from pathlib import Path

import pyrage
from django.conf import settings
from django.core.checks import CheckMessage, Error, register, run_checks
from django.core.checks import Warning as Caution
from django.core.exceptions import ImproperlyConfigured

from certlookup.sealing import read_keys

FEWEST_PLACES = 3
TAG = "certlookup"


def _has_database() -> bool:
    """Lint and make_sample_files work without one, and without keys."""
    return not str(settings.DATABASES["default"]["ENGINE"]).endswith("dummy")


@register(TAG)
def keys_can_be_read(**_: object) -> list[CheckMessage]:
    """E001: without its keys the site finds nobody, and never makes new ones by itself."""
    if not _has_database():
        return []
    try:
        read_keys(settings.CERTLOOKUP_KEYS)
    except ImproperlyConfigured as error:
        hint = "Set CERTLOOKUP_KEYS, or put var/keys/certlookup_keys back from its safe place."
        return [Error(str(error), hint=hint, id="certlookup.E001")]
    return []


@register(TAG)
def backups_can_be_encrypted(**_: object) -> list[CheckMessage]:
    """E002: the recipient is an age public key."""
    if not _has_database() or settings.SITE == "public":
        return []
    try:
        pyrage.x25519.Recipient.from_str(settings.BACKUP_RECIPIENT)
    except pyrage.RecipientError:
        hint = "Set BACKUP_RECIPIENT to the public key (age1...) whose private half the keeper holds."
        return [Error("BACKUP_RECIPIENT is not an age public key.", hint=hint, id="certlookup.E002")]
    return []


@register(TAG)
def backups_go_to_three_places(**_: object) -> list[CheckMessage]:
    """E003: the server's disk and two media (R12)."""
    if settings.SITE == "public":
        return []
    places = {Path(place).absolute() for place in settings.BACKUP_PLACES}
    if len(places) >= FEWEST_PLACES:
        return []
    hint = "Name the server's folder and those of both media, separated by commas."
    return [Error(f"BACKUP_PLACES names {len(places)} places, not three.", hint=hint, id="certlookup.E003")]


@register(TAG)
def the_backups_private_key_is_elsewhere(**_: object) -> list[CheckMessage]:
    """W001: whoever takes the server must not be able to read its backups."""
    # The public site may not look into that folder.
    if settings.DEMO or settings.SITE == "public" or not (settings.KEYS_DIR / "backup_identity").exists():
        return []
    hint = "Move the file to the keeper's medium; restoring asks for it."
    return [Caution("The backups' private key lies on the server.", hint=hint, id="certlookup.W001")]


@register(TAG)
def the_public_site_knows_no_other_role(**_: object) -> list[CheckMessage]:
    """W002: who takes the public site's process must find no password there that opens more than the public site."""
    if settings.SITE != "public":
        return []
    found = sorted(
        variable
        for variable in os.environ
        if re.fullmatch(r"DATABASE_(OWNER_|REKEY_|BACKUP_|SUPERUSER_)?URL(_FILE)?", variable)
    )
    if not found:
        return []
    hint = "Give this process an environment of its own, with DATABASE_PUBLIC_URL alone (docs/deployment.md)."
    return [Caution(f"SITE is public, and its environment holds {', '.join(found)}.", hint=hint, id="certlookup.W002")]


@register(TAG)
def replicas_are_read_by_the_public_role(**_: object) -> list[CheckMessage]:
    """W004: a lookup at a replica has the rights that it has at the primary, and no more."""
    replicas = {alias for alias in settings.DATABASES if alias.startswith("replica_")}
    public = "default" if settings.SITE == "public" else "public"
    others = {
        described["USER"]
        for alias, described in settings.DATABASES.items()
        if alias not in {*replicas, public} and described.get("USER")
    }
    wrong = sorted(alias for alias in replicas if settings.DATABASES[alias]["USER"] in others)
    if settings.SITE == "public":
        right = settings.DATABASES[public].get("USER")
        wrong = sorted(alias for alias in replicas if settings.DATABASES[alias]["USER"] != right)
    if not wrong:
        return []
    hint = "Write the public role and its password into DATABASE_REPLICA_URL."
    return [Caution(f"{', '.join(wrong)} would be read by another role.", hint=hint, id="certlookup.W004")]


@register(TAG)
def media_are_devices_of_their_own(**_: object) -> list[CheckMessage]:
    """W003: two copies on one disk are lost together (R12)."""
    if settings.DEMO or not settings.BACKUP_SAME_DEVICE:
        return []
    hint = "Mount each medium at its place in BACKUP_PLACES and take BACKUP_SAME_DEVICE away."
    return [Caution("BACKUP_SAME_DEVICE lets all copies lie on one disk.", hint=hint, id="certlookup.W003")]


def require_sound_deployment() -> None:
    """Refuse to serve a deployment that a check calls wrong: gunicorn runs no checks by itself."""
    wrong = [message for message in run_checks(tags=[TAG]) if message.is_serious()]
    if wrong:
        raise ImproperlyConfigured(" ".join(f"{message.id}: {message.msg} {message.hint}" for message in wrong))
