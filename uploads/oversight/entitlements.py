"""What the database really has, beside what is written: rights, roles, functions, triggers, owners (R9)."""

from collections.abc import Iterator, Sequence
from typing import Any

from django.db import connection
from django.db.migrations.loader import MigrationLoader

from certlookup.roles import FUNCTIONS, RIGHTS, SCHEMA, WORKING_ROLES, Login, split_rights
from certlookup.schema import SEARCH_PATH, Function, Trigger, functions_in, statements_of, triggers_in

VERBS = ("SELECT", "INSERT", "UPDATE", "DELETE", "TRUNCATE", "REFERENCES", "TRIGGER")
OUR_APPS = ("certificates", "uploads")
# The queue's own functions and triggers come with its migrations.
_FOREIGN = "procrastinate"


def differences(logins: dict[str, Login]) -> list[str]:
    """Everything in which the database differs from roles.py and the migrations, one sentence each; reads only.

    logins are the roles by kind of work; a kind that isn't there is not looked at.
    """
    known = {work: login.name for work, login in logins.items()}
    return [
        *_table_rights(known),
        *_column_rights(known),
        *_function_rights(known),
        *_role_attributes(known),
        *_functions(),
        *_triggers(),
        *_owners(known),
    ]


def _rows(query: str, parameters: Sequence[Any] = ()) -> list[tuple[Any, ...]]:
    with connection.cursor() as cursor:
        cursor.execute(query, list(parameters))
        return list(cursor.fetchall())


def _table_rights(known: dict[str, str]) -> Iterator[str]:
    query = (
        "SELECT c.relname, v.verb, has_table_privilege(%s, c.oid, v.verb) FROM pg_class c, unnest(%s::text[]) v(verb) "
        "WHERE c.relnamespace = %s::regnamespace AND c.relkind IN ('r', 'v', 'p') ORDER BY 1, 2"
    )
    for work in ("staff", "public", "rekey"):
        if work not in known:
            continue
        for table, verb, granted in _rows(query, [known[work], list(VERBS), SCHEMA]):
            written = {right for right in split_rights(RIGHTS.get(table, {}).get(work, "")) if "(" not in right}
            if granted != (verb in written):
                yield f"{work} {'may' if granted else 'may not'} {verb} {table}"
    for (table,) in _rows(
        "SELECT relname FROM pg_class WHERE relnamespace = %s::regnamespace AND relkind IN ('r', 'v', 'p', 'm', 'f')",
        [SCHEMA],
    ):
        if table not in RIGHTS:
            yield f"table {table} is not one of ours"


def _column_rights(known: dict[str, str]) -> Iterator[str]:
    """From the columns' own access lists: what is granted on a whole table doesn't stand there."""
    query = (
        "SELECT c.relname, a.attname, x.privilege_type FROM pg_class c JOIN pg_attribute a ON a.attrelid = c.oid "
        "CROSS JOIN aclexplode(a.attacl) x WHERE c.relnamespace = %s::regnamespace AND x.grantee = %s::regrole"
    )
    for work in ("staff", "public", "rekey"):
        if work not in known:
            continue
        granted = {(table, verb, column) for table, column, verb in _rows(query, [SCHEMA, f'"{known[work]}"'])}
        written = {
            (table, right.split("(")[0].strip(), column.strip())
            for table, rights in RIGHTS.items()
            for right in split_rights(rights.get(work, ""))
            if "(" in right
            for column in right.split("(")[1].rstrip(")").split(",")
        }
        for table, verb, column in sorted(granted - written):
            yield f"{work} may {verb} {table}.{column}"
        for table, verb, column in sorted(written - granted):
            yield f"{work} may not {verb} {table}.{column}"


def _function_rights(known: dict[str, str]) -> Iterator[str]:
    query = (
        "SELECT oid::regprocedure::text, proname, has_function_privilege(%s, oid, 'EXECUTE') FROM pg_proc "
        "WHERE pronamespace = %s::regnamespace ORDER BY 1"
    )
    for work in WORKING_ROLES:
        if work not in known:
            continue
        for signature, name, granted in _rows(query, [known[work], SCHEMA]):
            written = name in FUNCTIONS[work] or (work == "staff" and name.startswith(_FOREIGN))
            if granted != written:
                yield f"{work} {'may' if granted else 'may not'} call {signature}"


def _role_attributes(known: dict[str, str]) -> Iterator[str]:
    names = list(known.values())
    for name in _rows(
        "SELECT rolname FROM pg_roles WHERE rolname = ANY(%s) AND (rolsuper OR rolcreaterole OR rolreplication "
        "OR rolbypassrls) ORDER BY 1",
        [names],
    ):
        yield f"role {name[0]} stands above the rules"
    for member, of in _rows(
        "SELECT m.member::regrole::text, m.roleid::regrole::text FROM pg_auth_members m "
        "JOIN pg_roles r ON r.oid = m.member JOIN pg_roles o ON o.oid = m.roleid "
        "WHERE r.rolname = ANY(%s) AND o.rolname = ANY(%s)",
        [names, names],
    ):
        yield f"role {member} can become {of}"


def written_functions() -> list[Function]:
    """What our migrations create."""
    return functions_in(_our_sql())


def written_triggers() -> list[Trigger]:
    """What our migrations create."""
    return triggers_in(_our_sql())


def _our_sql() -> list[str]:
    loader = MigrationLoader(None, ignore_no_migrations=True)
    texts: list[str] = []
    for label in OUR_APPS:
        names = sorted(name for app, name in loader.disk_migrations if app == label)
        for name in names:
            texts += statements_of(loader.disk_migrations[label, name].operations)
    return texts


def _functions() -> Iterator[str]:
    present = sorted(
        Function(name, body, as_owner, SEARCH_PATH in (config or []))
        for name, body, as_owner, config in _rows(
            "SELECT proname, prosrc, prosecdef, proconfig FROM pg_proc WHERE pronamespace = %s::regnamespace "
            "AND proname NOT LIKE %s",
            [SCHEMA, _FOREIGN + "%"],
        )
    )
    written = written_functions()
    for function in written:
        if function in present:
            present.remove(function)
        else:
            yield f"function {function.name} is not the one that is written, or is missing"
    for function in present:
        yield f"function {function.name} is there in a form that is not written"


def _triggers() -> Iterator[str]:
    present = {
        Trigger(table, name): (enabled, works_as)
        for table, name, enabled, works_as in _rows(
            "SELECT c.relname, t.tgname, t.tgenabled, t.tgfoid::regproc::text FROM pg_trigger t "
            "JOIN pg_class c ON c.oid = t.tgrelid WHERE c.relnamespace = %s::regnamespace AND NOT t.tgisinternal "
            "AND c.relname NOT LIKE %s",
            [SCHEMA, _FOREIGN + "%"],
        )
    }
    for trigger in written_triggers():
        enabled, _ = present.pop(trigger, ("", ""))
        if not enabled:
            yield f"trigger {trigger.name} on {trigger.table} is missing"
        elif enabled != "A":
            yield f"trigger {trigger.name} on {trigger.table} is switched off or does not fire always"
    for trigger in present:
        yield f"trigger {trigger.name} on {trigger.table} is not written"


def _owners(known: dict[str, str]) -> Iterator[str]:
    if "owner" not in known:
        return
    for (name,) in _rows(
        "SELECT relname FROM pg_class WHERE relnamespace = %s::regnamespace AND pg_get_userbyid(relowner) <> %s "
        "UNION ALL SELECT proname FROM pg_proc WHERE pronamespace = %s::regnamespace AND pg_get_userbyid(proowner) <> %s",
        [SCHEMA, known["owner"], SCHEMA, known["owner"]],
    ):
        yield f"{name} belongs to another role than the owner"
