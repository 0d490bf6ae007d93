"""The database's login roles and the one table of their rights (architecture: rights do what triggers can't).

set_up_database applies it after every migration; tests compare it with what the database really grants.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from django.conf import settings
from django.db.backends.base.base import BaseDatabaseWrapper
from psycopg import Connection, sql

SCHEMA = "certlookup"

ALL = "SELECT, INSERT, UPDATE, DELETE"
KEY_COLUMNS = "id_sealed, id_index, key_version"
# What the public lookup shows, and the index it searches by; neither the sealed ID number nor its commitment.
PUBLIC_CERTIFICATE = (
    "SELECT (certificate_number, revision_number, kind, publication_id, first_published_on, holder_name, sex, id_type, "
    "birth_date, occupation, occupation_code, level, level_text, theory_score, skill_score, overall_score, result, "
    "processed_date, issue_date, issuing_authority, assessment_office, change_reason, document_number, changed_fields, "
    "id_index, under_review_since)"
)
PUBLIC_OFFICE = (
    "SELECT (code, name, full_name, kind, valid_from, valid_to, successor_id, contact_address, contact_phone, "
    "issuing_authority)"
)
REKEY = f"SELECT (certificate_number, id_commitment, {KEY_COLUMNS}), UPDATE ({KEY_COLUMNS})"

# Table or view: what each role may do with it. Whoever isn't named may do nothing; backup reads everything.
RIGHTS: Mapping[str, Mapping[str, str]] = {
    "assessment_body": {"staff": "SELECT, INSERT, UPDATE", "public": "SELECT"},
    "coverage": {"staff": "SELECT", "public": "SELECT"},
    "holiday_override": {"staff": "SELECT", "public": "SELECT"},
    "holiday_year": {"staff": "SELECT", "public": "SELECT"},
    "lookup_count": {"staff": "SELECT"},
    "office": {
        "staff": "SELECT, UPDATE (responsible_person, responsible_phone, contact_phone, contact_address, issuing_authority)",
        "public": PUBLIC_OFFICE,
    },
    "bulletin_line": {"staff": "SELECT", "public": "SELECT"},
    "certificate": {"staff": "SELECT", "public": PUBLIC_CERTIFICATE, "rekey": REKEY},
    "key_fingerprint": {"staff": "SELECT", "public": "SELECT", "rekey": "SELECT"},
    "notice": {"staff": "SELECT, INSERT, UPDATE", "public": "SELECT"},
    "publication": {"staff": "SELECT", "public": "SELECT"},
    "published_leaf": {"staff": "SELECT"},
    "rate_counter": {"staff": ALL, "public": ALL},
    "reference_version": {"staff": "SELECT", "public": "SELECT"},
    # The public site reaches lists and notes through functions; nobody reads what is sealed in a list.
    "employer_list": {"staff": "SELECT (digest, expires_at), DELETE"},
    "lookup_minute": {"staff": "SELECT, DELETE"},
    "noted_address": {"staff": "SELECT, DELETE"},
    "revision": {
        "staff": "SELECT",
        "public": "SELECT (certificate_number, revision_number, kind, publication_id, changed_fields)",
        "rekey": REKEY.replace("certificate_number", "certificate_number, revision_number"),
    },
    "enquiry": {
        "staff": "SELECT, UPDATE (state, answer, answered_at, answered_by, closed_at, closed_by, closing, publication_id), "
        "DELETE",
        "rekey": REKEY.replace("certificate_number", "id"),
    },
    "forgery_photo": {"staff": "SELECT, DELETE"},
    "forgery_report": {
        "staff": "SELECT, UPDATE (closed_at, closed_by, handling), DELETE",
        "rekey": REKEY.replace("certificate_number", "id"),
    },
    "verification_code": {"staff": "SELECT (id, expires_at, withdrawn_at), DELETE"},
    "act": {"staff": "SELECT"},
    "attempt": {"staff": "SELECT, INSERT, UPDATE"},
    "audit_entry": {"staff": "SELECT"},
    "audit_head": {"staff": "SELECT"},
    "backup_copy": {"staff": "SELECT, INSERT, UPDATE"},
    "backup_proof": {"staff": "SELECT, INSERT"},
    "batch": {"staff": "SELECT, INSERT, UPDATE (state, state_since)"},
    "campaign": {"staff": "SELECT"},
    "campaign_change": {"staff": "SELECT"},
    "campaign_office": {"staff": "SELECT"},
    "capacity_grant": {"staff": "SELECT"},
    "extension": {"staff": "SELECT"},
    "database_role": {"staff": "SELECT"},
    "former_password": {"staff": "SELECT, INSERT, DELETE"},
    "hand_over": {"staff": "SELECT"},
    "hazard": {"staff": "SELECT"},
    "hazard_step": {"staff": "SELECT"},
    "import_profile": {"staff": "SELECT, INSERT, UPDATE (retired_at, retired_by_id)"},
    "incident": {"staff": "SELECT"},
    "incident_acknowledgement": {"staff": "SELECT"},
    "inspection": {"staff": "SELECT"},
    "installation": {"staff": "SELECT", "public": "SELECT"},
    "medium": {"staff": "SELECT"},
    "paper_sheet": {"staff": "SELECT, INSERT"},
    "parked_file": {"staff": ALL},
    "period_days": {"staff": "SELECT, INSERT, UPDATE"},
    "person": {"staff": "SELECT, UPDATE (last_login, recovery_code_used_at)"},
    "precheck": {"staff": ALL},
    "precheck_problem": {"staff": "SELECT, INSERT, DELETE"},
    "profile_trial": {"staff": "SELECT, INSERT, UPDATE (draft), DELETE"},
    "problem_change": {"staff": "SELECT, INSERT"},
    "publication_order": {"staff": "SELECT"},
    "release": {
        "staff": "SELECT, INSERT, UPDATE (state, state_since, digest, late_reason, publication_problem)",
    },
    "release_item": {"staff": "SELECT, INSERT"},
    "report_file": {"staff": ALL},
    "required_signature": {"staff": "SELECT"},
    "restoration": {"staff": "SELECT"},
    "restore_request": {"staff": "SELECT"},
    "review_order": {"staff": "SELECT"},
    "row_problem": {"staff": "SELECT, INSERT"},
    "sample_comparison": {"staff": "SELECT"},
    "sampled_row": {"staff": "SELECT"},
    "signature": {"staff": "SELECT"},
    "signature_withdrawal": {"staff": "SELECT"},
    "statutory_day": {"staff": "SELECT"},
    "staged_row": {"staff": "SELECT, INSERT", "rekey": REKEY.replace("certificate_number", "attempt_id, row_number")},
    "transition": {"staff": "SELECT"},
    "verification": {"staff": "SELECT"},
    "warning_explanation": {"staff": "SELECT"},
    # The libraries' tables.
    "auth_group": {"staff": "SELECT"},
    "auth_group_permissions": {"staff": "SELECT"},
    "auth_permission": {"staff": "SELECT"},
    "axes_accessattempt": {"staff": ALL},
    "axes_accessattemptexpiration": {"staff": ALL},
    "axes_accessfailurelog": {"staff": ALL},
    "axes_accesslog": {"staff": ALL},
    "django_content_type": {"staff": "SELECT"},
    "django_migrations": {"staff": "SELECT", "public": "SELECT"},
    "django_otp_webauthn_webauthnattestation": {"staff": ALL},
    "django_otp_webauthn_webauthncredential": {"staff": ALL},
    "django_otp_webauthn_webauthnuserhandle": {"staff": ALL},
    "django_session": {"staff": ALL},
    "otp_static_staticdevice": {"staff": ALL},
    "otp_static_statictoken": {"staff": ALL},
    "otp_totp_totpdevice": {"staff": ALL},
    "procrastinate_events": {"staff": ALL},
    "procrastinate_jobs": {"staff": ALL},
    "procrastinate_periodic_defers": {"staff": ALL},
    "procrastinate_workers": {"staff": ALL},
}

# The functions each role may call, by name; PUBLIC may call none.
FUNCTIONS: Mapping[str, frozenset[str]] = {
    "staff": frozenset(
        {
            "acknowledge_incident",
            "add_person",
            "answer_hand_over",
            "answers_for",
            "attempt_content",
            "attempt_digest",
            "audit_content",
            "audit_hash",
            "batch_content",
            "batch_digest",
            "chain_of",
            "change_campaign",
            "change_holidays",
            "change_password",
            "change_person",
            "close_incident",
            "compare_sample",
            "confirm_restoration",
            "decide_restore",
            "decide_review",
            "declare_no_data",
            "delegate_capacity",
            "deletions_are_suspended",
            "end_grant",
            "explain_warnings",
            "freeze_account",
            "grant_capacity",
            "hand_over_medium",
            "invite_person",
            "is_demo",
            "is_entitled",
            "iso_date",
            "leaf_hash",
            "leaf_of",
            "note_found_medium",
            "note_lookups",
            "note_verification",
            "open_account",
            "open_attempt",
            "open_campaign",
            "open_incident",
            "order_password_change",
            "order_publication",
            "order_review",
            "place_medium",
            "publish",
            "record",
            "record_extension",
            "record_inspection",
            "refuse",
            "register_medium",
            "release_digest",
            "release_statement",
            "report_lost_medium",
            "report_hazard",
            "reporting_office",
            "require_open_campaign",
            "retire_medium",
            "return_batch",
            "return_release",
            "revise_incident",
            "row_kind_of",
            "sample_of",
            "set_coverage",
            "set_root",
            "sign",
            "submit",
            "unfreeze_account",
            "withdraw_account",
            "take_hazard_step",
            "withdraw_signature",
        }
    ),
    "public": frozenset(
        {
            "codes_of",
            "forget_list",
            "keep_list",
            "kept_list",
            "make_code",
            "make_enquiry",
            "make_report",
            "note_lookups",
            "office_online",
            "open_code",
            "read_enquiry",
            "withdraw_code",
        }
    ),
    "rekey": frozenset({"refuse", "retire_keys"}),
    "backup": frozenset({"audit_content", "audit_hash", "chain_of", "iso_date", "leaf_hash", "leaf_of"}),
}

WORKING_ROLES = ("staff", "public", "rekey", "backup")


@dataclass(frozen=True, slots=True)
class Login:
    """A role as its URL names it."""

    name: str
    password: str


def logins() -> dict[str, Login]:
    """Each kind of work (owner, staff, public, rekey, backup) to the role that does it; raises KeyError if unset."""
    described = {"owner": "owner", "staff": "default", "public": "public", "rekey": "rekey", "backup": "backup"}
    return {
        work: Login(str(settings.DATABASES[alias]["USER"]), str(settings.DATABASES[alias]["PASSWORD"]))
        for work, alias in described.items()
    }


def create_roles(connection: "Connection[tuple[object, ...]]", wanted: Mapping[str, Login]) -> None:
    """Create the login roles that are missing, none a member of another; backup reads all and makes scratch databases.

    In: an autocommit connection of a superuser (or of a role that may create roles). Idempotent.
    """
    for work, login in wanted.items():
        attributes = "LOGIN NOSUPERUSER NOCREATEROLE NOREPLICATION " + (
            "CREATEDB" if work == "backup" else "NOCREATEDB"
        )
        exists = connection.execute("SELECT 1 FROM pg_roles WHERE rolname = %s", [login.name]).fetchone()
        statement = sql.SQL("{verb} ROLE {name} WITH {attributes} PASSWORD {password}").format(
            verb=sql.SQL("ALTER" if exists else "CREATE"),
            name=sql.Identifier(login.name),
            attributes=sql.SQL(attributes),
            password=sql.Literal(login.password),
        )
        connection.execute(statement)
    connection.execute(sql.SQL("GRANT pg_read_all_data TO {}").format(sql.Identifier(wanted["backup"].name)))


def create_database(connection: "Connection[tuple[object, ...]]", name: str, owner: str) -> bool:
    """Create the database if it is missing, closed to all but our roles; True if it is new."""
    if connection.execute("SELECT 1 FROM pg_database WHERE datname = %s", [name]).fetchone():
        return False
    connection.execute(
        sql.SQL("CREATE DATABASE {} OWNER {} ENCODING 'UTF8' TEMPLATE template0").format(
            sql.Identifier(name), sql.Identifier(owner)
        )
    )
    connection.execute(sql.SQL("REVOKE ALL ON DATABASE {} FROM PUBLIC").format(sql.Identifier(name)))
    return True


def create_schema(connection: BaseDatabaseWrapper) -> None:
    """As owner: the schema that holds everything. Idempotent."""
    with connection.cursor() as cursor:
        cursor.execute(f"CREATE SCHEMA IF NOT EXISTS {SCHEMA}")


def split_rights(rights: str) -> list[str]:
    """Split 'SELECT, UPDATE (a, b)' at the commas outside parentheses."""
    parts: list[str] = []
    depth = 0
    for piece in rights.split(","):
        if depth:
            parts[-1] += "," + piece
        else:
            parts.append(piece)
        depth += piece.count("(") - piece.count(")")
    return [part.strip() for part in parts if part.strip()]


def statements(wanted: Mapping[str, Login], tables: Iterable[str], functions: Iterable[tuple[str, str]]) -> list[str]:
    """The SQL that makes the rights what the tables above say, for the objects that exist.

    In: names of tables and views; functions as (name, signature to address it by).
    """
    quoted = {work: '"' + login.name.replace('"', '""') + '"' for work, login in wanted.items()}
    workers = ", ".join(quoted[work] for work in WORKING_ROLES)
    lines = [
        f"REVOKE ALL ON SCHEMA {SCHEMA} FROM PUBLIC, {workers}",
        f"GRANT USAGE ON SCHEMA {SCHEMA} TO {workers}",
        f"REVOKE ALL ON ALL TABLES IN SCHEMA {SCHEMA} FROM PUBLIC, {workers}",
        f"REVOKE ALL ON ALL SEQUENCES IN SCHEMA {SCHEMA} FROM PUBLIC, {workers}",
        f"REVOKE ALL ON ALL FUNCTIONS IN SCHEMA {SCHEMA} FROM PUBLIC, {workers}",
        f"ALTER DEFAULT PRIVILEGES IN SCHEMA {SCHEMA} REVOKE EXECUTE ON FUNCTIONS FROM PUBLIC",
        f"GRANT SELECT ON ALL TABLES IN SCHEMA {SCHEMA} TO {quoted['backup']}",
        f"GRANT SELECT ON ALL SEQUENCES IN SCHEMA {SCHEMA} TO {quoted['backup']}",
    ]
    for table in tables:
        for work, rights in RIGHTS.get(table, {}).items():
            lines.append(f"GRANT {', '.join(split_rights(rights))} ON {SCHEMA}.{table} TO {quoted[work]}")
    for name, signature in functions:
        lines += [
            f"GRANT EXECUTE ON FUNCTION {signature} TO {quoted[work]}"
            for work in WORKING_ROLES
            if name in FUNCTIONS[work] or (work == "staff" and name.startswith("procrastinate_"))
        ]
    return lines


def apply_rights(connection: BaseDatabaseWrapper, wanted: Mapping[str, Login]) -> None:
    """As owner, in one transaction: grant what RIGHTS and FUNCTIONS say and revoke everything else."""
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT relname FROM pg_class WHERE relnamespace = %s::regnamespace AND relkind IN ('r', 'v', 'p')",
            [SCHEMA],
        )
        tables = sorted(row[0] for row in cursor.fetchall())
        unknown = [table for table in tables if table not in RIGHTS]
        if unknown:
            raise ValueError(f"certlookup/roles.py says nothing about {', '.join(unknown)}.")
        cursor.execute(
            "SELECT proname, oid::regprocedure::text FROM pg_proc WHERE pronamespace = %s::regnamespace", [SCHEMA]
        )
        functions = sorted((name, signature) for name, signature in cursor.fetchall())
        for statement in statements(wanted, tables, functions):
            cursor.execute(statement)
        staff = sql.Identifier(wanted["staff"].name)
        cursor.execute(
            "SELECT relname FROM pg_class WHERE relnamespace = %s::regnamespace AND relkind = 'S' "
            "AND relname LIKE 'procrastinate_%%'",
            [SCHEMA],
        )
        for (sequence,) in cursor.fetchall():
            grant = sql.SQL("GRANT USAGE ON SEQUENCE {} TO {}").format(sql.Identifier(SCHEMA, sequence), staff)
            cursor.execute(grant.as_string(None))
