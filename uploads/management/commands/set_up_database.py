"""manage.py set_up_database: roles, schema, migrations, rights, and on an empty database the installation's mark."""

import psycopg
from django.conf import settings
from django.core.management import call_command
from django.core.management.base import BaseCommand, CommandError
from django.db import OperationalError, connections, transaction
from django.db.backends.base.base import BaseDatabaseWrapper
from django.db.migrations import Migration
from django.db.migrations.executor import MigrationExecutor
from django.db.migrations.state import ProjectState
from psycopg import sql

from certificates.models import KeyFingerprint
from certificates.reference import write_offices
from certificates.statutory import write_statutory_days
from certlookup.databases import as_owner
from certlookup.env import file_text
from certlookup.keys import write_new_keys
from certlookup.roles import apply_rights, create_database, create_roles, create_schema, logins
from certlookup.sealing import read_keys
from uploads.intake.savedprofiles import write_profiles
from uploads.models import DatabaseRole, Installation
from uploads.oversight.settingsnoted import applied_migrations, note_settings


class Command(BaseCommand):
    help = "Creates roles, schema and tables, and grants the rights of certlookup/roles.py. May be run again."
    requires_system_checks: list[str] = []

    def handle(self, *args: object, **options: object) -> None:
        try:
            wanted = logins()
        except KeyError as error:
            raise CommandError(
                "DATABASE_URL, DATABASE_PUBLIC_URL, DATABASE_OWNER_URL, DATABASE_REKEY_URL and DATABASE_BACKUP_URL "
                "have to be set, each for a role of its own, or none of them."
            ) from error
        if len({login.name for login in wanted.values()}) != len(wanted):
            raise CommandError("Each of the five DATABASE_*_URL variables needs a role of its own.")
        if "superuser" in settings.DATABASES:
            self._create_roles_and_database()
        owner = connections["owner"]
        try:
            owner.ensure_connection()
        except OperationalError as error:
            raise CommandError(
                f"The database of DATABASE_OWNER_URL can't be reached: {str(error).splitlines()[0]}"
            ) from error
        self._require_roles(owner)
        self._write_keys_once(owner)
        create_schema(owner)
        before = applied_migrations(owner)
        _migrate(owner)
        self._mark(owner)
        self._note_keys()
        write_offices(using="owner")
        write_statutory_days(using="owner")
        write_profiles(using="owner")
        apply_rights(owner, wanted)
        for work, login in wanted.items():
            DatabaseRole.objects.using("owner").update_or_create(work=work, defaults={"name": login.name})
        with as_owner(), transaction.atomic(using="owner"):
            note_settings(applied=applied_migrations(owner) - before)
        self.stdout.write("The database is ready.")

    def _create_roles_and_database(self) -> None:
        """On the embedded server, whose superuser we know, everything is made here."""
        described = connections["superuser"].get_connection_params()
        parameters = {key: described[key] for key in ("host", "port", "user", "password", "dbname") if key in described}
        with psycopg.connect(**parameters, autocommit=True) as connection:
            create_roles(connection, logins())
            name = str(settings.DATABASES["owner"]["NAME"])
            create_database(connection, name, logins()["owner"].name)
            for login in logins().values():
                connection.execute(
                    sql.SQL("GRANT CONNECT, TEMPORARY ON DATABASE {} TO {}").format(
                        sql.Identifier(name), sql.Identifier(login.name)
                    )
                )

    def _require_roles(self, owner: BaseDatabaseWrapper) -> None:
        """Without the superuser, a missing role can only be named, with the statement that makes it."""
        with owner.cursor() as cursor:
            cursor.execute("SELECT rolname FROM pg_roles")
            present = {row[0] for row in cursor.fetchall()}
        missing = [login.name for login in logins().values() if login.name not in present]
        if missing:
            raise CommandError(
                f"The database has no role {', '.join(missing)}. As its administrator, create them: "
                "docs/operators.md has the statements."
            )

    def _write_keys_once(self, owner: BaseDatabaseWrapper) -> None:
        """New keys only for an empty database: with others, what is stored would be lost for good."""
        with owner.cursor() as cursor:
            cursor.execute("SELECT to_regclass('certlookup.certificate') IS NOT NULL")
            used = bool(cursor.fetchone()[0])
        if settings.KEYS_PRESENT:
            return
        if used:
            raise CommandError(
                "SECRET_KEY, CERTLOOKUP_KEYS or BACKUP_RECIPIENT is missing, and the database is in use: without its keys no ID number "
                "in it can be read. Put the files back into var/keys or set the variables."
            )
        write_new_keys(settings.KEYS_DIR)

    def _note_keys(self) -> None:
        """Note which key is which version; another key for a version that is known would make every lookup find nobody."""
        # Written a moment ago, they aren't in the settings yet.
        keys = read_keys(settings.CERTLOOKUP_KEYS or file_text(settings.KEYS_DIR / "certlookup_keys"))
        noted = {key.version: bytes(key.fingerprint) for key in KeyFingerprint.objects.using("owner").all()}
        for key in keys:
            if noted.setdefault(key.version, key.fingerprint()) != key.fingerprint():
                raise CommandError(
                    f"Version {key.version} of CERTLOOKUP_KEYS is not the key that this database was sealed under. "
                    "Put the right one back; a new key gets a version of its own."
                )
        for version, fingerprint in noted.items():
            KeyFingerprint.objects.using("owner").get_or_create(version=version, defaults={"fingerprint": fingerprint})

    def _mark(self, owner: BaseDatabaseWrapper) -> None:
        """A database is a demo from its creation or never."""
        with owner.cursor() as cursor:
            cursor.execute(
                "INSERT INTO installation (id, demo, created_at) VALUES (1, %s, clock_timestamp()) ON CONFLICT DO NOTHING",
                [settings.DEMO],
            )
        demo = Installation.objects.using("owner").get().demo
        if demo != settings.DEMO:
            raise CommandError(
                f"This database was created with DEMO={int(demo)} and stays that; run it with DEMO={int(demo)}, "
                "or begin another in another folder or database."
            )


class _WholeMigrations(MigrationExecutor):
    """Applies each migration and notes it in one transaction.

    Django's own notes one after its transaction where statements were put off to its end: killed in between, the next run
    would begin the same migration again, and fail.
    """

    def apply_migration(self, state: ProjectState, migration: Migration, *how: bool, **named: bool) -> ProjectState:
        """One migration, whole."""
        with transaction.atomic(using=self.connection.alias):
            return super().apply_migration(state, migration, *how, **named)


def _migrate(owner: BaseDatabaseWrapper) -> None:
    """Bring the tables up to date; Django's command then finds nothing to apply, and does what follows migrations."""
    executor = _WholeMigrations(owner)
    executor.migrate(executor.loader.graph.leaf_nodes())
    call_command("migrate", database="owner", interactive=False, verbosity=0)
