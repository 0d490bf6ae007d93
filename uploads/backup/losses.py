"""What a restore would take away: two states of the database beside each other, in two schemas."""

import hashlib
import json
from dataclasses import asdict, dataclass
from typing import Any, LiteralString

import psycopg
from psycopg import sql

# Acts that change nothing that anybody would miss: looks, logins, notes of what runs by itself, and the restore's own.
_ROUTINE = (
    "login", "logout", "page.opened", "release.backed_up", "release.backup_retried", "database.set_up", "settings.changed",
    "confirmation.refused", "login.password_accepted", "publication.root_stored",
)  # fmt: skip
_ROUTINE_KINDS = ("backup.", "restore.", "verification.", "audit.", "rows.", "precheck.", "unsent.", "report.")
_ROUTINE_ENDS = (".viewed", ".handed_out", ".searched")


@dataclass(frozen=True, slots=True)
class Point:
    """Where a state stands: its newest publication, and the end of its audit trail."""

    publication: str
    audit_number: int
    audit_hash: str


@dataclass(frozen=True, slots=True)
class Losses:
    """What the live state has and the copy hasn't. parted_at: the entry from which on their trails are different ones."""

    copy: Point
    live: Point
    publications: tuple[str, ...]
    certificates: int
    acts: dict[str, int]
    parted_at: int | None

    @property
    def is_older(self) -> bool:
        """Whether something would be lost, so that the order has to say that this is meant."""
        return bool(self.publications or self.certificates or self.grave_acts() or self.parted_at)

    def grave_acts(self) -> dict[str, int]:
        """The acts that somebody would have to do again."""
        return {action: count for action, count in self.acts.items() if not _is_routine(action)}

    def as_json(self) -> dict[str, Any]:
        """As the request for leave and the restoration keep it."""
        return asdict(self)

    def digest(self) -> bytes:
        """Of what an order was given for: the same as long as nothing grave is added, however many log in meanwhile."""
        decided = [
            asdict(self.copy),
            self.publications,
            self.certificates,
            sorted(self.grave_acts().items()),
            self.parted_at,
        ]
        return hashlib.sha256(json.dumps(decided, sort_keys=True).encode()).digest()

    def lines(self) -> list[str]:
        """For the terminal."""
        lines = [
            f"The copy: publication {self.copy.publication or 'none'}, audit entry {self.copy.audit_number}.",
            f"Live:     publication {self.live.publication or 'none'}, audit entry {self.live.audit_number}.",
        ]
        if self.parted_at:
            lines.append(f"Their audit trails are different ones from entry {self.parted_at} on.")
        if not self.is_older:
            return [*lines, "Nothing would be lost but what runs by itself: logins, looks, notes of backups."]
        lines.append("What would be lost:")
        lines += [f"  publication {number}" for number in self.publications]
        if self.certificates:
            lines.append(f"  the present state of {self.certificates} certificates")
        return [*lines, *(f"  {count} times {action}" for action, count in sorted(self.grave_acts().items()))]


def _is_routine(action: str) -> bool:
    return action in _ROUTINE or action.startswith(_ROUTINE_KINDS) or action.endswith(_ROUTINE_ENDS)


def compare(connection: psycopg.Connection[Any], *, live: str, copy: str) -> Losses:
    """Compare two schemas of one database. Reads both audit trails and registers."""

    def ask(statement: LiteralString, *values: object) -> list[tuple[Any, ...]]:
        named = sql.SQL(statement).format(live=sql.Identifier(live), copy=sql.Identifier(copy))
        return connection.execute(named, values).fetchall()

    there, here = _point(connection, copy), _point(connection, live)
    ((parted,),) = ask(
        "SELECT min(l.number) FROM {live}.audit_entry l JOIN {copy}.audit_entry c USING (number) WHERE l.hash <> c.hash"
    )
    acts = ask(
        "SELECT action, count(*)::int FROM {live}.audit_entry WHERE number > %s AND outcome = 'done' "
        "GROUP BY action ORDER BY action",
        parted - 1 if parted else there.audit_number,
    )
    publications = ask(
        "SELECT l.number FROM {live}.publication l LEFT JOIN {copy}.publication c ON c.number = l.number AND c.digest = l.digest "
        "WHERE c.id IS NULL ORDER BY l.id"
    )
    ((certificates,),) = ask(
        "SELECT count(*) FROM {live}.certificate l WHERE NOT EXISTS (SELECT FROM {copy}.certificate c WHERE "
        "c.certificate_number = l.certificate_number AND c.revision_number = l.revision_number)"
    )
    return Losses(there, here, tuple(number for (number,) in publications), certificates, dict(acts), parted)


def _point(connection: psycopg.Connection[Any], schema: str) -> Point:
    named = sql.SQL(
        "SELECT coalesce((SELECT number FROM {schema}.publication ORDER BY id DESC LIMIT 1), ''), number, "
        "encode(hash, 'hex') FROM {schema}.audit_head"
    ).format(schema=sql.Identifier(schema))
    return Point(*connection.execute(named).fetchone() or ("", 0, ""))


def is_empty(connection: psycopg.Connection[Any], schema: str) -> bool:
    """Whether a schema is missing, or as set_up_database makes it: no batch, no publication, no signature."""
    (found,) = connection.execute("SELECT to_regnamespace(%s) IS NOT NULL", [schema]).fetchone() or (False,)
    if not found:
        return True
    for table in ("batch", "publication", "signature"):
        (there,) = connection.execute("SELECT to_regclass(%s) IS NOT NULL", [f"{schema}.{table}"]).fetchone() or (
            False,
        )
        if there:
            rows = sql.SQL("SELECT EXISTS (SELECT FROM {})").format(sql.Identifier(schema, table))
            (used,) = connection.execute(rows).fetchone() or (False,)
            if used:
                return False
    return True
