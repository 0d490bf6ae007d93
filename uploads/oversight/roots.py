"""The RFC 6962 root over a publication's leaves, chained to the publication before; stored once, by the worker."""

import hashlib
from collections.abc import Iterable, Sequence
from itertools import chain, count

from django.db import connection, transaction

from certificates.leaves import encode_json
from certificates.models import Publication
from uploads.oversight.audit import one_act, record

NODE_PREFIX = b"\x01"
ROWS_AT_A_TIME = 5_000
# What the first publication's chain begins with: the hash of nothing.
GENESIS = hashlib.sha256().digest()
# What a publication states of itself under its chain, in this order, after the chain before and before the root.
CHAINED_FIELDS = (
    "number", "kind", "published_on", "row_count", "issued_count", "corrected_count", "revoked_count",
    "reinstated_count", "searchable_before", "searchable_after", "digest", "audit_head",
)  # fmt: skip


class RootError(Exception):
    """A publication's leaves aren't what the publication says; no root is stored."""


class TreeHash:
    """RFC 6962, section 2.1, leaf by leaf: holds one hash per bit of the number of leaves, whatever their number."""

    def __init__(self) -> None:
        self.size = 0
        self._subtrees: list[bytes] = []

    def add(self, leaf: bytes) -> None:
        """Append a leaf's hash (SHA-256 over 0x00 and the content)."""
        size = self.size
        while size & 1:
            leaf = node_hash(self._subtrees.pop(), leaf)
            size >>= 1
        self._subtrees.append(leaf)
        self.size += 1

    def root(self) -> bytes:
        """The hash of the tree over the leaves so far; of none, the hash of nothing."""
        if not self._subtrees:
            return hashlib.sha256().digest()
        *left, root = self._subtrees
        for subtree in reversed(left):
            root = node_hash(subtree, root)
        return root


def node_hash(left: bytes, right: bytes) -> bytes:
    """The hash of an inner node."""
    return hashlib.sha256(NODE_PREFIX + left + right).digest()


def tree_hash(leaves: Iterable[bytes]) -> bytes:
    """The root over leaves' hashes."""
    tree = TreeHash()
    for leaf in leaves:
        tree.add(leaf)
    return tree.root()


def inclusion_path(leaves: Sequence[bytes], position: int) -> list[bytes]:
    """RFC 6962, section 2.1.1: the hashes beside the way from a leaf up to the root, lowest first."""
    path: list[bytes] = []
    level = list(leaves)
    while len(level) > 1:
        beside = position ^ 1
        if beside < len(level):
            path.append(level[beside])
        pairs = range(0, len(level) - 1, 2)
        above = [node_hash(level[place], level[place + 1]) for place in pairs]
        # A last node without a partner moves up as it is.
        level = above + level[len(level) - len(level) % 2 :]
        position //= 2
    return path


def chain_statement(before: bytes, stated: Sequence[str], root: bytes) -> str:
    """The text whose SHA-256 is a publication's chain; stated are CHAINED_FIELDS as text, bytes in hexadecimal."""
    return encode_json(["certlookup-chain-1", before.hex(), *stated, root.hex()])


def chain_hash(before: bytes, stated: Sequence[str], root: bytes) -> bytes:
    """chain_of() of the database in Python."""
    return hashlib.sha256(chain_statement(before, stated, root).encode()).digest()


def store_root(publication_id: int) -> None:
    """Compute and store the publication's root, and those of earlier ones that have none yet; again, it does nothing.

    Reads the leaves in a transaction of its own, then writes publication.root, publication.chain and the audit in
    another. Raises RootError if positions have gaps or the number of rows isn't the publication's.
    """
    for publication in Publication.objects.filter(id__lte=publication_id, root=None).order_by("id"):
        root = _root_of(publication)
        subject = {"subject_kind": "publication", "subject_id": str(publication.pk)}
        with one_act(by=None, action="publication.root_stored", **subject):
            with connection.cursor() as cursor:
                cursor.execute("SELECT set_root(%s, %s)", [publication.pk, root])
            record(by=None, action="publication.root_stored", detail={"root": root.hex()}, **subject)


def _root_of(publication: Publication) -> bytes:
    tree = TreeHash()
    expected = count()
    with transaction.atomic(), connection.chunked_cursor() as cursor:
        cursor.execute(
            "SELECT position, leaf FROM published_leaf WHERE publication_id = %s ORDER BY position", [publication.pk]
        )
        for position, leaf in chain.from_iterable(iter(lambda: cursor.fetchmany(ROWS_AT_A_TIME), [])):
            if position != next(expected):
                raise RootError(f"Publication {publication.number} has no row at position {tree.size}.")
            tree.add(bytes(leaf))
    if tree.size != publication.row_count:
        raise RootError(f"Publication {publication.number} has {tree.size} rows instead of {publication.row_count}.")
    return tree.root()
