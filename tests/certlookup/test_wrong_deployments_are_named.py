"""What a deployment lacks is named with an id and what to do, and the site doesn't serve without it."""

from pathlib import Path

import pytest
from django.core.checks import run_checks
from django.core.exceptions import ImproperlyConfigured

from certlookup.checks import TAG, require_sound_deployment

# The keys are compared with the database's fingerprints.
pytestmark = pytest.mark.django_db


def ids() -> set[str]:
    return {str(message.id) for message in run_checks(tags=[TAG])}


def test_a_sound_deployment_is_told_nothing() -> None:
    assert ids() == set()
    require_sound_deployment()


@pytest.mark.parametrize(
    ("name", "value", "found"),
    [
        ("CERTLOOKUP_KEYS", "", "certlookup.E001"),
        ("CERTLOOKUP_KEYS", "1:sm:beef", "certlookup.E001"),
        ("BACKUP_RECIPIENT", "", "certlookup.E002"),
        ("BACKUP_RECIPIENT", "age1notakey", "certlookup.E002"),
        ("BACKUP_PLACES", [Path("/a"), Path("/b"), Path("/a")], "certlookup.E003"),
    ],
)
def test_what_is_wrong_is_named_and_refused(settings: object, name: str, value: object, found: str) -> None:
    setattr(settings, name, value)
    assert ids() == {found}
    with pytest.raises(ImproperlyConfigured, match=found) as error:
        require_sound_deployment()
    assert "beef" not in str(error.value)


def test_the_backups_private_key_on_a_real_server_is_a_warning(settings: object, tmp_path: Path) -> None:
    settings.DEMO, settings.KEYS_DIR = False, tmp_path  # type: ignore[attr-defined]
    (tmp_path / "backup_identity").touch()
    settings.BACKUP_SAME_DEVICE = False  # type: ignore[attr-defined]
    assert ids() == {"certlookup.W001"}
    require_sound_deployment()


def test_copies_that_may_lie_on_one_disk_are_a_warning_on_a_real_server(settings: object, tmp_path: Path) -> None:
    settings.DEMO, settings.KEYS_DIR = False, tmp_path  # type: ignore[attr-defined]
    settings.BACKUP_SAME_DEVICE = True  # type: ignore[attr-defined]
    assert ids() == {"certlookup.W003"}
    require_sound_deployment()


def test_a_replica_that_another_role_would_read_is_a_warning(settings: object, monkeypatch: pytest.MonkeyPatch) -> None:
    described = settings.DATABASES  # type: ignore[attr-defined]
    monkeypatch.setitem(described, "replica_1", {**described["default"], "USER": "certlookup_public"})
    assert ids() == set()
    monkeypatch.setitem(described, "replica_1", described["default"])
    assert ids() == {"certlookup.W004"}
