"""The root is RFC 6962's; a leaf is the same SHA-256 whether SQL or Python computes it."""

import hashlib
from datetime import date

import pytest
from django.db import connection
from hypothesis import given
from hypothesis import strategies as st

from certificates.leaves import LEAF_FIELDS, leaf_hash
from certificates.models import Certificate, Publication
from tests.databases import acting_as
from tests.make import Cast, make_published_release, make_rows
from uploads.models import AuditEntry
from uploads.oversight.roots import store_root, tree_hash

# The known answers of certificate-transparency's own tests.
KNOWN_LEAVES = ("", "00", "10", "2021", "3031", "40414243", "5051525354555657", "606162636465666768696a6b6c6d6e6f")
KNOWN_ROOTS = (
    "6e340b9cffb37a989ca544e6bb780a2c78901d3fb33738768511a30617afa01d",
    "fac54203e7cc696cf0dfcb42c92a1d9dbaf70ad9e621f4bd8d98662f00e3c125",
    "aeb6bcfe274b70a14fb067a5e5578264db0fa9b51af5e0ba159158f329e06e77",
    "d37ee418976dd95753c1c73862b9398fa2a2cf9b4ff0fdfe8b30cd95209614b7",
    "4e3bbb1f7b478dcfe71fb631631519a3bca12c9aefca1612bfce4c13a86264d4",
    "76e67dadbcdf1e10e1b74ddc608abd2f98dfb16fbce75277b5232a127f2087ef",
    "ddb89be403809e325750d3d263cd78929c2942b7942a34b77e122c9594a74c8c",
    "5dc9da79a70659a9ad559cb701ded9a2ab9d823aad2f4960cfe370eff4604328",
)


def leaf(content: bytes) -> bytes:
    return hashlib.sha256(b"\x00" + content).digest()


def split_root(leaves: list[bytes]) -> bytes:
    """RFC 6962, section 2.1, word for word."""
    if not leaves:
        return hashlib.sha256().digest()
    if len(leaves) == 1:
        return leaves[0]
    k = 1
    while k * 2 < len(leaves):
        k *= 2
    return hashlib.sha256(b"\x01" + split_root(leaves[:k]) + split_root(leaves[k:])).digest()


def test_the_root_has_the_known_answers() -> None:
    leaves = [leaf(bytes.fromhex(content)) for content in KNOWN_LEAVES]
    roots = [tree_hash(leaves[: size + 1]).hex() for size in range(len(leaves))]
    assert roots == list(KNOWN_ROOTS)
    assert tree_hash([]).hex() == "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855"


@given(st.integers(0, 200))
def test_the_root_leaf_by_leaf_is_the_root_by_halves(size: int) -> None:
    leaves = [leaf(str(place).encode()) for place in range(size)]
    assert tree_hash(leaves) == split_root(leaves)


TEXT = st.text(st.characters(exclude_characters="\x00", exclude_categories=["Cs"]), max_size=20)
DAY = st.dates(date(1900, 1, 1), date(2100, 1, 1))
VALUES = st.tuples(
    TEXT, TEXT, TEXT, TEXT, TEXT, st.binary(min_size=32, max_size=32), st.none() | DAY, TEXT, st.none() | TEXT,
    st.integers(1, 5), TEXT, *[st.none() | TEXT] * 4, st.none() | DAY, st.none() | DAY, TEXT, TEXT,
    st.none() | TEXT, st.none() | TEXT,
)  # fmt: skip


@pytest.mark.django_db
def test_a_leaf_is_the_same_in_sql_and_in_python() -> None:
    text, day = "%s::text", "iso_date(%s::date)"
    arguments = [text] * 5 + ["%s::bytea", day, text, text, "%s::smallint"] + [text] * 5 + [day, day] + [text] * 4
    statement = f"SELECT leaf_of({', '.join(arguments)})"

    @given(VALUES)
    def compare(values: tuple[object, ...]) -> None:
        assert len(values) == len(LEAF_FIELDS)
        with connection.cursor() as cursor:
            cursor.execute(statement, values)
            assert bytes(cursor.fetchone()[0]) == leaf_hash(values)

    compare()
    awkward = 'a"b\\c/d\n\t\r\x08\x0c\x01\x1f\x7f\u2028𠮷·é</script>'
    compare.hypothesis.inner_test((awkward,) * 5 + (b"\x00" * 32, None, awkward, None, 3, awkward) + (None,) * 4
        + (date(1999, 1, 2), None, awkward, awkward, None, awkward))  # fmt: skip


@pytest.mark.django_db
@pytest.mark.parametrize("style", ["ISO, YMD", "German, DMY", "SQL, MDY", "Postgres, DMY"])
def test_leaves_and_what_is_signed_are_the_same_however_the_session_writes_dates(style: str) -> None:
    release = make_published_release(Cast(), rows=make_rows(3))
    expected = [leaf_hash(row) for row in Certificate.objects.order_by("position").values_list(*LEAF_FIELDS)]
    attempt = release.items.get().batch.attempt_id
    with connection.cursor() as cursor:
        cursor.execute("SELECT set_config('datestyle', %s, true)", [style])
        cursor.execute("SELECT leaf_hash(c), leaf_hash(s), c.position, s.row_number FROM certificate c"
            " JOIN staged_row s USING (certificate_number) WHERE s.attempt_id = %s ORDER BY position", [attempt])  # fmt: skip
        leaves = cursor.fetchall()
        assert [bytes(row[0]) for row in leaves] == [bytes(row[1]) for row in leaves] == expected
        assert [row[3] for row in leaves] == sorted(row[3] for row in leaves)
        cursor.execute("SELECT digest FROM attempt_content(%s)", [attempt])
        assert bytes(cursor.fetchone()[0]) == hashlib.sha256(b"".join(expected)).digest()


@pytest.mark.django_db
def test_the_root_of_a_publication_is_stored_once_and_recorded() -> None:
    release = make_published_release(Cast(), rows=make_rows(5))
    assert release.publication_id is not None
    store_root(release.publication_id)
    store_root(release.publication_id)
    root = bytes(Publication.objects.get(id=release.publication_id).root or b"")
    rows = Certificate.objects.order_by("position").values_list(*LEAF_FIELDS)
    assert root == split_root([leaf_hash(row) for row in rows])
    assert [entry.detail["root"] for entry in AuditEntry.objects.filter(action="publication.root_stored")] == [
        root.hex()
    ]


@pytest.mark.django_db
def test_the_backup_role_may_read_the_leaves() -> None:
    make_published_release(Cast(), rows=make_rows(2))
    with acting_as("backup"), connection.cursor() as cursor:
        cursor.execute("SELECT count(leaf) FROM published_leaf")
        assert cursor.fetchone() == (2,)
