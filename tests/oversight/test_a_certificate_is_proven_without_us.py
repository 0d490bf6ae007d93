"""manage.py prove prints what an outsider checks with docs/verify_proof.py and Python alone."""

import hashlib
import json
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
from django.db import connection
from hypothesis import given
from hypothesis import strategies as st

from certificates.models import Certificate, Publication
from tests.databases import PROJECT, acting_as
from tests.make import Cast, make_published_release, make_rows, make_tampering
from tests.oversight.register import in_register, make_register
from uploads.oversight.proofs import prove
from uploads.oversight.roots import inclusion_path, node_hash, store_root, tree_hash

SCRIPT = PROJECT / "docs" / "verify_proof.py"


def proof_of(number: str) -> dict[str, Any]:
    with acting_as("staff"), connection.cursor() as cursor:
        cursor.execute("SELECT 1")
        found = prove(connection.connection, number)
    assert found is not None
    return found


def check(proof: object, folder: Path, *arguments: str) -> tuple[int, str]:
    """What the outsider sees: exit status and text."""
    file = folder / "proof.json"
    file.write_text(json.dumps(proof, ensure_ascii=False), encoding="utf-8")
    answer = subprocess.run(
        [sys.executable, "-I", str(SCRIPT), str(file), *arguments],
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )
    assert answer.stderr == ""
    return answer.returncode, answer.stdout


@given(st.integers(1, 70), st.data())
def test_the_path_of_any_leaf_leads_to_the_root(size: int, data: st.DataObject) -> None:
    leaves = [hashlib.sha256(b"\x00" + str(place).encode()).digest() for place in range(size)]
    position = data.draw(st.integers(0, size - 1))
    root, place, last = leaves[position], position, size - 1
    for beside in inclusion_path(leaves, position):
        while place == last and place % 2 == 0:
            place, last = place // 2, last // 2
        root = node_hash(beside, root) if place % 2 else node_hash(root, beside)
        place, last = place // 2, last // 2
    assert root == tree_hash(leaves)


@pytest.mark.django_db
@pytest.mark.parametrize("count", [1, 2, 5, 8])
def test_every_certificate_of_a_publication_is_proven(count: int, tmp_path: Path) -> None:
    publication = make_register(count)
    for number in Certificate.objects.values_list("certificate_number", flat=True):
        status, told = check(proof_of(number), tmp_path, "--chain", bytes(publication.chain or b"").hex())
        assert (status, told.splitlines()[-1]) == (0, "PROVEN"), told


@pytest.mark.django_db
def test_a_proof_reaches_to_the_newest_publication_and_shows_no_id_number(tmp_path: Path) -> None:
    make_register(3)
    second = make_published_release(Cast("3701"), rows=make_rows(2, first=50)).publication
    assert second is not None
    store_root(second.pk)
    second.refresh_from_db()
    proof = proof_of(Certificate.objects.filter(position=1).order_by("publication_id")[0].pk)
    assert [publication["chain"] for publication in proof["publications"]][-1] == bytes(second.chain or b"").hex()
    assert check(proof, tmp_path, "--chain", bytes(second.chain or b"").hex())[0] == 0
    assert "3799" not in json.dumps(proof), "the ID number must stay out of a proof"


@pytest.mark.django_db
def test_a_proof_that_was_altered_anywhere_is_refused(tmp_path: Path) -> None:
    make_register(5)
    proof = proof_of(Certificate.objects.get(position=4).pk)
    known = proof["publications"][-1]["chain"]
    altered = [
        proof | {"leaf": proof["leaf"].replace("电工", "焊工")},
        proof | {"certificate_number": "9999000000000001"},
        proof | {"position": 3},
        proof | {"size": 6},
        proof | {"path": proof["path"][:-1]},
        proof | {"path": [*proof["path"], "00" * 32]},
        proof | {"path": ["00" * 32, *proof["path"][1:]]},
        proof | {"chain_before": "00" * 32},
        proof | {"publications": [proof["publications"][0] | {"published_on": "2001-01-01"}]},
        proof | {"publications": [proof["publications"][0] | {"root": "00" * 32}]},
    ]
    for number, wrong in enumerate(altered):
        assert wrong != proof, number
        assert check(wrong, tmp_path, "--chain", known)[0] == 1, number
    assert check(proof, tmp_path, "--chain", "ab" * 32)[0] == 1
    assert check(proof, tmp_path, "--chain", known)[0] == 0


@pytest.mark.django_db
def test_a_whole_register_forged_anew_shows_in_the_chain_that_somebody_kept(tmp_path: Path) -> None:
    """Row, root and chain all made to fit: only a chain printed before tells."""
    publication = make_register(1)
    kept = bytes(publication.chain or b"").hex()
    with make_tampering("certificate", "publication") as cursor:
        cursor.execute("UPDATE certificate SET occupation = '焊工'")
        cursor.execute("UPDATE publication SET root = (SELECT leaf FROM published_leaf)")
        cursor.execute("UPDATE publication p SET chain = chain_of(p, p.root, sha256(''))")
    proof = proof_of(Certificate.objects.get().pk)
    assert check(proof, tmp_path)[0] == 0
    assert check(proof, tmp_path, "--chain", kept)[0] == 1


def test_what_is_no_proof_is_called_that(tmp_path: Path) -> None:
    for nonsense in ([], {}, {"leaf": "x"}, "text", 5):
        assert check(nonsense, tmp_path)[0] in {1, 2}
    assert check({"leaf": "[]"}, tmp_path)[0] == 2


@pytest.mark.django_db
def test_what_a_publication_states_stands_under_its_chain() -> None:
    publication = make_register(2)
    make_published_release(Cast("3701"), rows=make_rows(2, first=50))
    store_root(Publication.objects.latest().pk)
    assert in_register() == []
    with make_tampering("publication") as cursor:
        cursor.execute("UPDATE publication SET published_on = published_on - 1 WHERE id = %s", [publication.pk])
    assert ("chain_differs", f"publication {publication.number}") in in_register()


@pytest.mark.django_db
def test_a_chain_that_was_changed_shows_there_and_in_the_next_publication() -> None:
    publication = make_register(2)
    make_published_release(Cast("3701"), rows=make_rows(2, first=50))
    later = Publication.objects.latest()
    store_root(later.pk)
    with make_tampering("publication") as cursor:
        cursor.execute("UPDATE publication SET chain = sha256('forged') WHERE id = %s", [publication.pk])
    assert in_register() == [
        ("chain_differs", f"publication {publication.number}"),
        ("chain_differs", f"publication {later.number}"),
    ]


@pytest.mark.django_db
def test_an_earlier_publication_without_a_root_gets_it_first() -> None:
    first = make_published_release(Cast(), rows=make_rows(2)).publication
    second = make_published_release(Cast("3701"), rows=make_rows(2, first=50)).publication
    assert first is not None
    assert second is not None
    store_root(second.pk)
    first.refresh_from_db()
    second.refresh_from_db()
    assert first.chain is not None
    assert second.chain is not None
    assert in_register() == []
