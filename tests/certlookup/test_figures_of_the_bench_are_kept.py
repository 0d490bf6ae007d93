"""What the bench measured stays until it is measured again, and the pages that show it follow from the figures alone."""

import json
import re
from pathlib import Path

import pytest
from django.db import connection

from tests.bench.document import DOCUMENT, SCALE, document
from tests.bench.measuring import Figure
from tests.bench.pairs import certificate_number, id_number, id_numbers, number_in_sql
from tests.bench.results import Results
from tests.bench.scale import scale_document
from tests.bench.site import PROJECT, require_mark, server_settings
from tests.databases import Copy

CIRCUMSTANCES = {
    "measured_at": "2026-11-24T12:00:00+00:00", "seconds": 60, "load_before": 0.1, "others_share_of_cpu": 0.01, "code": "abc",
    "sizes": {"pairs": 5},
}  # fmt: skip
# As lookups, growth and verification name theirs.
MEASURED = {
    "CPU time of a lookup among 20,000,000 certificates": (0.8, "ms"),
    "bare SELECTs per second among 20,000,000 certificates": (80_000.0, "1/s"),
    "bytes per certificate, table and indexes": (500.0, "B"),
    "bytes per certificate, the table": (400.0, "B"),
    "bytes per certificate, index certificate_by_pair": (30.0, "B"),
    "bytes of an answer": (6600.0, "B"),
    "publication of 50,000 rows into 20,000,000 certificates, seconds": (2.0, "s"),
    "verify_register over 1,000,000 rows, every ID number opened, seconds": (15.0, "s"),
}


def make_figure(name: str, value: float = 1.0) -> Figure:
    return Figure(name, value, None, "lower", "s", "")


def put(results: Results, part: str, *figures: Figure) -> None:
    results.put(part, figures, CIRCUMSTANCES | {"machine": results.content["machine"]})


def test_a_part_that_is_measured_again_takes_the_place_of_its_figures_and_the_others_stay(tmp_path: Path) -> None:
    path = tmp_path / "bench.json"
    first = Results(path, ["one", "two"], keep=True)
    put(first, "two", make_figure("stays"))
    put(first, "one", make_figure("goes"))
    put(Results(path, ["one", "two"], keep=True), "one", make_figure("comes"))

    content = json.loads(path.read_text(encoding="utf-8"))

    assert [(figure["part"], figure["name"]) for figure in content["figures"]] == [("one", "comes"), ("two", "stays")]
    assert set(content["parts"]) == {"one", "two"}


def test_figures_of_another_machine_are_not_kept(tmp_path: Path) -> None:
    path = tmp_path / "bench.json"
    Results(path, ["one"], keep=True).put("one", [make_figure("there")], CIRCUMSTANCES | {"machine": "another"})
    assert Results(path, ["one"], keep=True).content["figures"] == []


def test_the_page_says_of_each_part_when_it_was_measured(tmp_path: Path) -> None:
    results = Results(tmp_path / "bench.json", ["oracle"], keep=False)
    put(results, "oracle", make_figure("telling"))
    assert "2026-11-24 at 20:00 (Shanghai)" in document(results.content)


def test_the_country_is_calculated_from_the_figures() -> None:
    page = scale_document([{"name": name, "value": value, "unit": unit} for name, (value, unit) in MEASURED.items()])
    assert "10,000 x 0.80 ms = 8.0 cores" in page
    assert "8.0 / 0.5 = 16 cores" in page
    assert "300,000,000 x 500.00 bytes = 140 GiB" in page
    assert "= 750,000 rows" in page


def test_the_page_about_the_country_has_the_figures_of_the_page_about_speed() -> None:
    page = DOCUMENT.read_text(encoding="utf-8")
    assert SCALE.exists() == ("## Growth" in page), "Write both: make bench ARGS=--write-document"
    if SCALE.exists():
        shown = re.findall(r"^\| (.+?) \| (-?[\d.]+) (\S+) \|", page, re.MULTILINE)
        figures = [{"name": name, "value": float(value), "unit": unit} for name, value, unit in shown]
        assert scale_document(figures) == SCALE.read_text(encoding="utf-8")


def test_a_database_without_the_mark_is_refused(fresh_database: Copy) -> None:
    with fresh_database.connect("superuser") as connection, pytest.raises(SystemExit):
        require_mark(connection)


def test_quickly_made_id_numbers_are_the_same() -> None:
    assert list(id_numbers(998, 3_002)) == [id_number(place) for place in range(998, 3_002)]


@pytest.mark.django_db
def test_pgbench_asks_for_the_numbers_that_the_register_has() -> None:
    places = [0, 998, 999, 4_994, 4_995, 99_899, 99_900, 1_698_299, 1_698_300, 19_999_999]
    with connection.cursor() as cursor:
        cursor.execute(
            f"SELECT {number_in_sql('n')} FROM unnest(ARRAY{places}::bigint[]) WITH ORDINALITY x(n, o) ORDER BY o"
        )
        assert [number for (number,) in cursor.fetchall()] == [certificate_number(place) for place in places]


def test_the_measured_server_has_the_settings_that_are_shipped() -> None:
    lines = (PROJECT / "docs/deploy/postgresql/certlookup.conf").read_text(encoding="utf-8").splitlines()
    shipped = {name.strip(): value.strip() for name, sign, value in (line.partition("=") for line in lines) if sign}
    by_memory = {"shared_buffers", "effective_cache_size"}
    measured = server_settings()
    assert by_memory <= measured.keys() & shipped.keys()
    assert {name: shipped.get(name) for name in measured.keys() - by_memory} == {
        name: measured[name] for name in measured.keys() - by_memory
    }
