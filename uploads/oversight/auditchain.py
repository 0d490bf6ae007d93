"""The audit trail's chain recomputed: what manage.py verify_audit says.

A cut-off tail leaves a chain that is whole in itself. It shows by what notes the chain's state elsewhere: the entries'
own head, each publication, each proven backup, and each signature and publication, which had an entry when it was made.
"""

import hashlib
from collections.abc import Iterator, Sequence
from typing import Any

import psycopg
from psycopg import sql

from certificates.leaves import encode_json
from uploads.oversight.verification import ROWS_AT_A_TIME, Difference

GENESIS = hashlib.sha256(b"certlookup-audit-1").digest()

_ENTRIES = sql.SQL(
    "SELECT number, hash, to_char(recorded_at AT TIME ZONE 'UTC', 'YYYY-MM-DD\"T\"HH24:MI:SS.US\"Z\"'), person_id::text, "
    "staff_number, capacity, address, action, subject_kind, subject_id, outcome, detail::text, database_role "
    "FROM audit_entry ORDER BY number"
)
# What can't have happened without an entry, and the entry that it has.
_ACTS = {
    "publication": "SELECT p.number FROM publication p WHERE NOT EXISTS (SELECT FROM audit_entry e "
    "WHERE e.action = 'release.published' AND e.outcome = 'done' AND e.detail ->> 'publication' = p.id::text)",
    "signature": "SELECT s.id::text FROM signature s WHERE NOT s.on_paper AND NOT EXISTS (SELECT FROM audit_entry e "
    "WHERE e.action IN ('batch.signed', 'release.signed', 'release.publication_ordered') AND e.outcome = 'done' "
    "AND e.subject_id = coalesce(s.batch_id, s.release_id)::text AND e.person_id = s.person_id "
    "AND e.detail ->> 'digest' = encode(s.digest, 'hex') AND e.detail ->> 'round' = s.round::text)",
    "act": "SELECT a.id::text FROM act a LEFT JOIN signature s ON s.id = a.signature_id "
    "WHERE (s.id IS NOT NULL AND (a.person_id, a.capacity) IS DISTINCT FROM (s.person_id, s.capacity)) "
    "OR (s.id IS NULL AND NOT EXISTS (SELECT FROM audit_entry e WHERE e.subject_kind = 'batch' "
    "AND e.subject_id = a.batch_id::text AND e.person_id = a.person_id AND e.outcome = 'done' "
    "AND e.action IN ('file.received', 'batch.sample_compared', 'batch.submitted')))",
    "grant": "SELECT g.id::text FROM capacity_grant g JOIN person p ON p.id = g.person_id "
    "WHERE NOT EXISTS (SELECT FROM audit_entry e WHERE e.subject_kind = 'person' AND e.subject_id = p.staff_number "
    "AND e.action IN ('capacity.granted', 'capacity.delegated') AND e.outcome = 'done' "
    "AND e.detail ->> 'capacity' = g.capacity AND e.detail ->> 'office' IS NOT DISTINCT FROM g.office_id "
    "AND (e.detail ->> 'valid_from')::timestamptz = g.valid_from "
    "AND coalesce(g.valid_to, 'infinity') <= coalesce((e.detail ->> 'valid_to')::timestamptz, 'infinity'))",
    # A frozen or withdrawn account that can be used again.
    "account": "SELECT p.staff_number FROM person p CROSS JOIN LATERAL (SELECT e.action FROM audit_entry e "
    "WHERE e.subject_kind = 'person' AND e.subject_id = p.staff_number AND e.outcome = 'done' "
    "AND e.action IN ('account.opened', 'account.frozen', 'account.unfrozen', 'account.withdrawn') "
    "ORDER BY e.number DESC LIMIT 1) last "
    "WHERE p.state = 'active' AND last.action IN ('account.frozen', 'account.withdrawn')",
}
# The other way round: entries of what isn't there any more.
_DONE = {
    "entry": "SELECT e.number::text FROM audit_entry e WHERE e.outcome = 'done' AND (e.action = 'release.published' "
    "AND NOT EXISTS (SELECT FROM publication p WHERE p.id::text = e.detail ->> 'publication') "
    "OR e.action IN ('batch.signed', 'release.signed', 'release.publication_ordered') "
    "AND NOT EXISTS (SELECT FROM signature s WHERE coalesce(s.batch_id, s.release_id)::text = e.subject_id "
    "AND s.person_id = e.person_id AND s.round::text = e.detail ->> 'round' "
    "AND encode(s.digest, 'hex') = e.detail ->> 'digest'))",
}


def content_hash(content: Sequence[str | None]) -> bytes:
    """audit_content() of the database in Python; content is the entry's columns as text, from number on."""
    return hashlib.sha256(encode_json(["certlookup-audit-1", *content]).encode()).digest()


def entry_hash(previous: bytes, content: Sequence[str | None]) -> bytes:
    """audit_hash() of the database in Python: over the hash before and that of the content.

    In two steps, so that the chain can be shown without showing every entry.
    """
    return hashlib.sha256(previous + content_hash(content)).digest()


def verify_audit(connection: psycopg.Connection[Any]) -> tuple[Difference, ...]:
    """Recompute every entry's hash from the first to the head, and look for every state that was noted elsewhere.

    In: a connection whose search_path finds our tables. Out: what differs. Reads in one transaction.
    """
    with connection.transaction():
        return (*_verify_chain(connection), *_verify_acts(connection))


def _verify_chain(connection: psycopg.Connection[Any]) -> Iterator[Difference]:
    noted = dict(
        connection.execute(
            "SELECT audit_head, 'publication ' || number FROM publication "
            "UNION ALL SELECT audit_hash, 'backup ' || file_name FROM backup_proof"
        ).fetchall()
    )
    previous, last = GENESIS, 0
    noted.pop(GENESIS, None)
    with psycopg.ServerCursor(connection, "verification") as cursor:
        cursor.itersize = ROWS_AT_A_TIME
        for number, stored, *content in cursor.execute(_ENTRIES):
            for missing in range(last + 1, number):
                yield Difference("entry_missing", f"entry {missing}")
            if number == last + 1 and entry_hash(previous, [str(number), *content]) != stored:
                yield Difference("entry_differs", f"entry {number}")
            noted.pop(stored, None)
            previous, last = stored, number
    head = connection.execute("SELECT number, hash FROM audit_head").fetchall()
    if head != [(last, previous)]:
        stated = str(head[0][0]) if head else "none"
        yield Difference("head_differs", "audit trail", f"last entry {last}, head {stated}")
    for subject in noted.values():
        yield Difference("anchor_missing", subject)


def _verify_acts(connection: psycopg.Connection[Any]) -> Iterator[Difference]:
    for kind, question in _ACTS.items():
        for (subject,) in connection.execute(question.encode()):
            yield Difference("act_without_entry", f"{kind} {subject}")
    for kind, question in _DONE.items():
        for (subject,) in connection.execute(question.encode()):
            yield Difference("entry_without_act", f"{kind} {subject}")
