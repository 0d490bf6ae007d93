"""The register recomputed from its rows and compared with what was signed: what manage.py verify_register says.

Nothing here trusts the database's own functions: leaves, digests, roots and commitments are computed in Python. The
same runs on the register, on a backup's scratch database and on a restored one.
"""

import hashlib
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field, fields
from datetime import date
from typing import Any

import psycopg
from django.db import connections
from psycopg import IsolationLevel, sql
from psycopg.rows import class_row

from certificates.leaves import LEAF_FIELDS, encode_json, leaf_hash
from certlookup.roles import SCHEMA
from certlookup.sealing import Key, SealedId, SealingError, live_keys, unseal_id
from uploads.oversight.roots import CHAINED_FIELDS, GENESIS, TreeHash, chain_hash

ROWS_AT_A_TIME = 5_000
LEAF_COLUMNS = sql.SQL(", ").join(map(sql.Identifier, LEAF_FIELDS))
CERTIFICATE_NUMBER = LEAF_FIELDS.index("certificate_number")
COMMITMENT = LEAF_FIELDS.index("id_commitment")
_CONNECTING = ("host", "port", "user", "password", "dbname", "connect_timeout", "sslmode", "sslrootcert")

# A certificate number if the difference is one row's, else what it concerns.
SENTENCES = {
    "row_differs": "differs from the row that was signed",
    "row_missing": "was signed and is missing",
    "row_extra": "is there, but was not signed",
    "row_moved": "stands at another position than the one that was signed",
    "id_does_not_open": "the sealed ID number does not open, or does not match its commitment",
    "index_differs": "the index by which it is found is not that of its ID number",
    "revisions_incomplete": "the earlier revisions are not complete",
    "first_day_differs": "the day of first publication is not that of its first publication",
    "review_without_an_order": "is hidden as under review, but no order of a leader is open",
    "review_not_in_force": "a leader's order is open, but it is shown",
    "changed_fields_differ": "the fields said to be corrected are not those that differ from the revision before",
    "publication_unknown": "belongs to a publication that does not exist",
    "root_missing": "no root is stored yet",
    "root_differs": "the root over its rows is not the one stored",
    "chain_differs": "its chain is not that of the publication before, its own statements and its root",
    "digest_differs": "the digest over its rows is not the one that was signed",
    "batch_digest_differs": "the digest over its rows is not the one that was signed",
    "count_differs": "the number of rows is not the one stated",
    "positions_broken": "the positions of its rows have gaps",
    "searchable_differs": "the number of certificates that can be searched is not the one stated",
    "entry_missing": "the entry is missing",
    "entry_differs": "the entry's hash is not that of its content and the entry before",
    "head_differs": "the head is not the last entry",
    "anchor_missing": "the trail no longer holds the state that was noted there",
    "act_without_entry": "the trail has no entry of it",
    "entry_without_act": "what the entry tells of is no longer there",
}


@dataclass(frozen=True, slots=True)
class Difference:
    """One thing that isn't as it should be: key names the rule, subject the row, publication or entry it is about."""

    key: str
    subject: str
    detail: str = ""

    def __str__(self) -> str:
        return f"{self.subject}: {SENTENCES[self.key]}" + (f" ({self.detail})" if self.detail else "")


def connection_parameters(alias: str) -> dict[str, Any]:
    """What psycopg needs to log in as a Django alias does."""
    described = connections[alias].get_connection_params()
    return {name: described[name] for name in _CONNECTING if name in described}


def open_connection(alias: str, database: str = "") -> psycopg.Connection[Any]:
    """A connection of its own under the login of a Django alias, to its database or another one; the caller closes it.

    Read-only, and each transaction sees one state; our tables are found without their schema's name.
    """
    parameters = connection_parameters(alias) | ({"dbname": database} if database else {})
    connection = psycopg.connect(**parameters, options=f"-c search_path={SCHEMA}")
    connection.isolation_level = IsolationLevel.REPEATABLE_READ
    connection.read_only = True
    return connection


@dataclass(frozen=True, slots=True)
class _Publication:
    """What a publication states of itself."""

    id: int
    number: str
    kind: str
    published_on: date
    row_count: int
    issued_count: int
    corrected_count: int
    revoked_count: int
    reinstated_count: int
    searchable_before: int
    searchable_after: int
    digest: bytes
    audit_head: bytes
    root: bytes | None
    chain: bytes | None

    @property
    def name(self) -> str:
        return f"publication {self.number}"

    def chained_to(self, before: bytes) -> bytes:
        """The chain as it has to be after the one before."""
        return chain_hash(before, chained_fields(self), self.root or b"")


def chained_fields(publication: object) -> list[str]:
    """What a publication states under its chain, as text."""
    return [as_stated(getattr(publication, name)) for name in CHAINED_FIELDS]


def as_stated(value: object) -> str:
    """A publication's value as text: bytes in hexadecimal, dates as YYYY-MM-DD."""
    return bytes(value).hex() if isinstance(value, bytes | memoryview) else str(value)


@dataclass(slots=True)
class _SignedBatch:
    """A batch of a publication, and the digest over the rows that the register has in its place."""

    id: int
    office_id: str
    kind: str
    row_count: int
    signed: list[bytes]
    rows: int = 0
    hasher: Any = field(default_factory=hashlib.sha256)

    def statement(self) -> str:
        """What the release's digest says of this batch (release_digest() in SQL)."""
        return encode_json(
            ["certlookup-release-1", str(self.id), self.office_id, self.kind, str(self.rows), self.hasher.hexdigest()]
        )


def verify_register(connection: psycopg.Connection[Any], *, unseal: bool) -> tuple[Difference, ...]:
    """Recompute leaves, digests, roots and counts of every publication; with `unseal`, open every ID number too.

    In: a connection whose search_path finds our tables. Out: what differs, in the order of the publications; rows
    are named by certificate number where they can be compared with the staged ones. Reads in one transaction.
    """
    keys = {key.version: key for key in live_keys()} if unseal else {}
    found: list[Difference] = []
    with connection.transaction():
        before, chain = 0, GENESIS
        for publication in _publications(connection):
            found += _verify_publication(connection, publication, keys)
            if publication.root is not None and publication.chain != publication.chained_to(chain):
                found.append(Difference("chain_differs", publication.name))
            chain = publication.chain or GENESIS
            if publication.searchable_before != before:
                stated = f"{publication.searchable_before} before it, {before} after the last one"
                found.append(Difference("searchable_differs", publication.name, stated))
            before = publication.searchable_after
        found += _verify_whole(connection, searchable=before)
    return tuple(found)


def _verify_publication(
    connection: psycopg.Connection[Any], publication: _Publication, keys: Mapping[int, Key]
) -> Iterator[Difference]:
    name = publication.name
    tree = TreeHash()
    batches = _batches(connection, publication.id)
    places = iter([batch for batch in batches for _ in range(batch.row_count)])
    kinds = dict.fromkeys(("issued", "corrected", "revoked", "reinstated"), 0)
    contiguous = True
    for position, sealed, index, version, *values in _rows(connection, publication.id):
        leaf = leaf_hash(values)
        contiguous = contiguous and position == tree.size
        tree.add(leaf)
        kinds[values[0]] = kinds.get(values[0], 0) + 1
        if (batch := next(places, None)) is not None:
            batch.rows += 1
            batch.hasher.update(leaf)
        if keys:
            stored = SealedId(values[COMMITMENT], sealed, index, version)
            yield from _verify_id(values[CERTIFICATE_NUMBER], stored, keys)

    differences = []
    stated = {kind: getattr(publication, f"{kind}_count") for kind in kinds}
    if kinds != stated or tree.size != publication.row_count:
        differences.append(Difference("count_differs", name, f"{tree.size} rows, {publication.row_count} stated"))
    if not contiguous:
        differences.append(Difference("positions_broken", name))
    if publication.root is None:
        yield Difference("root_missing", name)
    elif tree.root() != publication.root:
        differences.append(Difference("root_differs", name))
    differences += [
        Difference("batch_digest_differs", f"batch {batch.id}", name)
        for batch in batches
        if any(digest != batch.hasher.digest() for digest in batch.signed)
    ]
    signed = hashlib.sha256("\n".join(batch.statement() for batch in batches).encode()).digest()
    if signed != publication.digest or any(d != signed for d in _release_digests(connection, publication.id)):
        differences.append(Difference("digest_differs", name))
    yield from differences
    if differences:
        yield from _name_rows(connection, publication)


def _verify_id(number: str, stored: SealedId, keys: Mapping[int, Key]) -> Iterator[Difference]:
    try:
        id_number = unseal_id(stored)
    except (SealingError, ValueError):
        yield Difference("id_does_not_open", number)
        return
    if keys[stored.key_version].index(id_number) != stored.index:
        yield Difference("index_differs", number)


def _name_rows(connection: psycopg.Connection[Any], publication: _Publication) -> Iterator[Difference]:
    """Which rows it is: each compared with the staged row of the same certificate number, as far as that is unaltered."""
    published = {row[4 + CERTIFICATE_NUMBER]: (row[0], leaf_hash(row[4:])) for row in _rows(connection, publication.id)}
    statement = sql.SQL(
        "SELECT {columns} FROM release r JOIN release_item i ON i.release_id = r.id AND i.left_at IS NULL "
        "JOIN batch b ON b.id = i.batch_id JOIN staged_row s ON s.attempt_id = b.attempt_id "
        'WHERE r.publication_id = %(publication)s ORDER BY b.office_id COLLATE "C", b.id, s.row_number'
    ).format(columns=sql.SQL(", ").join(sql.Identifier("s", name) for name in LEAF_FIELDS))
    for place, values in enumerate(_stream(connection, statement, publication.id)):
        number = values[CERTIFICATE_NUMBER]
        position, leaf = published.pop(number, (None, b""))
        if position is None:
            yield Difference("row_missing", number)
        elif leaf != leaf_hash(values):
            yield Difference("row_differs", number)
        elif position != place:
            yield Difference("row_moved", number)
    for number in published:
        yield Difference("row_extra", number)


# The names of changed_fields, each with the columns it stands for.
_CORRECTABLE = {
    "id_number" if name == "id_commitment" else name: (name, "level_text") if name == "level" else (name,)
    for name in LEAF_FIELDS
    if name not in {"kind", "certificate_number", "level_text", "change_reason", "document_number"}
}


def _changed_fields_question() -> str:
    """Which states after the first name other fields as changed than those that differ from the revision before."""

    def row(table: str, columns: tuple[str, ...]) -> str:
        return f"ROW({', '.join(f'{table}.{column}' for column in columns)})"

    differing = ", ".join(
        f"CASE WHEN {row('s', columns)} IS DISTINCT FROM {row('p', columns)} THEN '{name}' END"
        for name, columns in _CORRECTABLE.items()
    )
    columns = ", ".join(("certificate_number", "revision_number", "changed_fields", *sum(_CORRECTABLE.values(), ())))
    later = " UNION ALL ".join(
        f"SELECT {columns} FROM {table} WHERE revision_number > 1"  # noqa: S608 - constants of this module
        for table in ("certificate", "revision")
    )
    return (
        f"SELECT s.certificate_number FROM ({later}) s JOIN revision p "  # noqa: S608
        "ON p.certificate_number = s.certificate_number AND p.revision_number = s.revision_number - 1 "
        f"WHERE s.changed_fields::text[] IS DISTINCT FROM array_remove(ARRAY[{differing}], NULL)"
    )


def _verify_whole(connection: psycopg.Connection[Any], *, searchable: int) -> Iterator[Difference]:
    """What no publication says alone."""
    (certificates,) = connection.execute("SELECT count(*) FROM certificate").fetchone() or (0,)
    if certificates != searchable:
        yield Difference("searchable_differs", "register", f"{certificates} certificates, {searchable} stated")
    questions = {
        "publication_unknown": "SELECT x.certificate_number FROM (SELECT certificate_number, publication_id "
        "FROM certificate UNION ALL SELECT certificate_number, publication_id FROM revision) x "
        "WHERE NOT EXISTS (SELECT FROM publication p WHERE p.id = x.publication_id)",
        "changed_fields_differ": _changed_fields_question(),
        "revisions_incomplete": "SELECT coalesce(c.certificate_number, v.certificate_number) FROM certificate c "
        "FULL JOIN (SELECT certificate_number, count(*) AS n, max(revision_number) AS last FROM revision GROUP BY 1) v "
        "USING (certificate_number) WHERE c.revision_number IS DISTINCT FROM coalesce(v.n, 0) + 1 "
        "OR coalesce(v.last, 0) <> coalesce(v.n, 0)",
        "first_day_differs": "SELECT c.certificate_number FROM certificate c LEFT JOIN revision v "
        "ON v.certificate_number = c.certificate_number AND v.revision_number = 1 "
        "JOIN publication p ON p.id = coalesce(v.publication_id, c.publication_id) "
        "WHERE c.first_published_on <> p.published_on",
        "review_without_an_order": "SELECT c.certificate_number FROM certificate c WHERE c.under_review_since IS NOT NULL "
        "AND NOT EXISTS (SELECT FROM review_order o WHERE o.certificate_number = c.certificate_number "
        "AND o.ended_at IS NULL)",
        "review_not_in_force": "SELECT o.certificate_number FROM review_order o LEFT JOIN certificate c "
        "USING (certificate_number) WHERE o.ended_at IS NULL AND c.under_review_since IS NULL",
    }
    for key, question in questions.items():
        for (number,) in connection.execute(question):
            yield Difference(key, number)


def _publications(connection: psycopg.Connection[Any]) -> list[_Publication]:
    columns = sql.SQL(", ").join(sql.Identifier(column.name) for column in fields(_Publication))
    with connection.cursor(row_factory=class_row(_Publication)) as cursor:
        cursor.execute(sql.SQL("SELECT {} FROM publication ORDER BY id").format(columns))
        return cursor.fetchall()


def _batches(connection: psycopg.Connection[Any], publication_id: int) -> list[_SignedBatch]:
    """The publication's batches in the order of its positions, with every digest that was signed of them."""
    rows = connection.execute(
        "SELECT b.id, b.office_id, b.kind, "
        "CASE WHEN b.declares_no_data THEN 0 ELSE (SELECT accepted_count FROM attempt t WHERE t.id = b.attempt_id) END, "
        "ARRAY(SELECT s.digest FROM act a JOIN signature s ON s.id = a.signature_id "
        "WHERE a.batch_id = b.id AND a.round = b.round AND s.batch_id = b.id) "
        "FROM release r JOIN release_item i ON i.release_id = r.id AND i.left_at IS NULL "
        "JOIN batch b ON b.id = i.batch_id WHERE r.publication_id = %s "
        'ORDER BY b.office_id COLLATE "C", b.id',
        [publication_id],
    ).fetchall()
    return [_SignedBatch(*row) for row in rows]


def _release_digests(connection: psycopg.Connection[Any], publication_id: int) -> list[bytes]:
    rows = connection.execute(
        "SELECT s.digest FROM release r JOIN signature s ON s.release_id = r.id AND s.round = r.round "
        "WHERE r.publication_id = %s",
        [publication_id],
    )
    return [digest for (digest,) in rows]


def _rows(connection: psycopg.Connection[Any], publication_id: int) -> Iterator[tuple[Any, ...]]:
    """Every state that the publication put into the register: position, the key columns, the leaf's columns."""
    part = sql.SQL(
        "SELECT position, id_sealed, id_index, key_version, {columns} FROM {table} WHERE publication_id = %(publication)s"
    )
    parts = [part.format(columns=LEAF_COLUMNS, table=sql.Identifier(table)) for table in ("certificate", "revision")]
    statement = sql.SQL("{} ORDER BY position").format(sql.SQL(" UNION ALL ").join(parts))
    return _stream(connection, statement, publication_id)


def _stream(
    connection: psycopg.Connection[Any], statement: sql.Composed, publication_id: int
) -> Iterator[tuple[Any, ...]]:
    """The rows of a query about one publication, as the server hands them out, without holding all of them."""
    with psycopg.ServerCursor(connection, "verification") as cursor:
        cursor.itersize = ROWS_AT_A_TIME
        cursor.execute(statement, {"publication": publication_id}, binary=True)
        yield from cursor
