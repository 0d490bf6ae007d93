"""The settings as set_up_database finds them, in the audit whenever they are others than the last time."""

from django.conf import settings
from django.db.backends.base.base import BaseDatabaseWrapper
from django.db.migrations.recorder import MigrationRecorder

from uploads.models import AuditEntry
from uploads.oversight.audit import record

# Whatever decides how the site behaves and is no secret; docs/settings.md says what each is.
NOTED = (
    "ALLOWED_HOSTS",
    "BACKUP_KEEP_COPIES",
    "BACKUP_KEEP_DAYS",
    "BACKUP_PLACES",
    "BACKUP_RECIPIENT",
    "BACKUP_SAME_DEVICE",
    "DEMO",
    "KEEP_UNSENT_HOURS",
    "MEDIUM_DAYS",
    "OFFICIAL_SITES",
    "OWN_ISSUER_CODE",
    "PASSWORD_DAYS",
    "SESSION_ABSOLUTE_AGE",
    "SESSION_COOKIE_AGE",
    "SITE",
    "SITE_ADDRESS",
    "TRUSTED_PROXIES",
)
_WIDEST = 200


def applied_migrations(connection: BaseDatabaseWrapper) -> int:
    """How many migrations the database has."""
    return len(MigrationRecorder(connection).applied_migrations())


def note_settings(*, applied: int) -> None:
    """Record that the database was brought up to date, if it was, and which settings are others. Writes audit."""
    if applied:
        record(by=None, action="database.set_up", subject_kind="installation", detail={"migrations": applied})
    present = {name: str(getattr(settings, name, ""))[:_WIDEST] for name in NOTED}
    last = AuditEntry.objects.filter(action="settings.changed").order_by("-number").first()
    before = last.detail["settings"] if last is not None else {}
    changed = [name for name in NOTED if before.get(name) != present[name]]
    if changed:
        record(
            by=None,
            action="settings.changed",
            subject_kind="installation",
            detail={"changed": changed, "settings": present},
        )
