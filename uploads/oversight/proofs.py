"""Inclusion proofs: that a certificate's present state is what a publication made public, checked without us.

docs/verify_proof.py does the checking with Python's standard library alone.
"""

import hashlib
from typing import Any

import psycopg
from psycopg import sql
from psycopg.rows import dict_row

from certificates.leaves import LEAF_FIELDS, leaf_hash, leaf_statement
from uploads.oversight.roots import CHAINED_FIELDS, inclusion_path
from uploads.oversight.verification import as_stated

FORMAT = "certlookup-proof-1"


def prove(connection: psycopg.Connection[Any], certificate_number: str) -> dict[str, Any] | None:
    """The proof for a certificate's present state, fit for JSON; None where the register doesn't have the number.

    In: a connection whose search_path finds our tables. Out: the leaf's text (the ID number is in it as a commitment
    only), its place and the hashes beside its way up to the publication's root, and every publication from that one to
    the newest, as chained. Reads in one transaction. Raises ValueError while the publication's root isn't stored yet.
    """
    columns = sql.SQL(", ").join(map(sql.Identifier, LEAF_FIELDS))
    statement = sql.SQL("SELECT publication_id, position, {} FROM certificate WHERE certificate_number = %s")
    with connection.transaction():
        row = connection.execute(statement.format(columns), [certificate_number]).fetchone()
        if row is None:
            return None
        publication_id, position, *values = row
        leaves = [
            bytes(leaf)
            for (leaf,) in connection.execute(
                "SELECT leaf FROM published_leaf WHERE publication_id = %s ORDER BY position", [publication_id]
            )
        ]
        chained = _publications_from(connection, publication_id)
        (before,) = connection.execute(
            "SELECT chain FROM publication WHERE id < %s ORDER BY id DESC LIMIT 1", [publication_id]
        ).fetchone() or (hashlib.sha256().digest(),)
    if not chained:
        raise ValueError("The root of this certificate's publication is not stored yet; the worker is at it.")
    return {
        "format": FORMAT,
        "certificate_number": certificate_number,
        "leaf": leaf_statement(values),
        "leaf_hash": leaf_hash(values).hex(),
        "position": position,
        "size": len(leaves),
        "path": [beside.hex() for beside in inclusion_path(leaves, position)],
        "chain_before": before.hex(),
        "publications": chained,
    }


def _publications_from(connection: psycopg.Connection[Any], publication_id: int) -> list[dict[str, str]]:
    """The publication and all later ones whose root is stored, in order, everything as text."""
    columns = sql.SQL(", ").join(map(sql.Identifier, (*CHAINED_FIELDS, "root", "chain")))
    with connection.cursor(row_factory=dict_row) as cursor:
        cursor.execute(
            sql.SQL("SELECT {} FROM publication WHERE id >= %s AND chain IS NOT NULL ORDER BY id").format(columns),
            [publication_id],
        )
        return [{name: as_stated(value) for name, value in row.items()} for row in cursor]
