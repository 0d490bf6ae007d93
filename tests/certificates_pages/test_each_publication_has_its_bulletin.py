"""Each publication makes an announcement and a bulletin, in both languages and as csv: numbers by office, nobody's data."""

import csv
import io
from datetime import timedelta

import pytest
from django.test import Client

from certificates.models import BulletinLine
from certlookup.spreadsheets.csvwriting import csv_bytes
from tests.certificates_pages.reading import read
from tests.make import (
    Cast,
    make_correction,
    make_published_change,
    make_published_release,
    make_row,
    make_rows,
    make_signed_release,
    make_tampering,
)
from uploads.models import BatchKind, Release
from uploads.release.assemble import order_publication
from uploads.release.publish import publish_release
from uploads.signoff.sign import digest_of_release, sign_release

pytestmark = pytest.mark.django_db


def lines_of(release: Release) -> dict[str, tuple[str, int]]:
    found = BulletinLine.objects.filter(publication=release.publication)
    return {line.office_id: (line.timeliness, line.issued_count) for line in found}


@pytest.mark.parametrize(
    ("moved", "told"),
    [(timedelta(days=-40), "late"), (timedelta(days=40), "early"), (timedelta(0), "on_time")],
)
def test_an_office_is_told_early_on_time_or_late_and_the_others_missing(moved: timedelta, told: str) -> None:
    cast = Cast()
    release = make_signed_release(cast, rows=make_rows(3))
    with make_tampering("period_days") as cursor:
        cursor.execute(
            "UPDATE period_days SET opens_at = now() - interval '1 hour' + %s, closes_at = now() + interval '1 hour' + %s",
            [moved, moved],
        )
    order_publication(by=cast.deputy_director, period=release.period, reason="测试提前")
    sign_release(by=cast.network_administrator, release=release, digest=digest_of_release(release))
    publish_release(release.id)
    release.refresh_from_db()
    lines = lines_of(release)
    assert lines["3702"] == (told, 3)
    assert lines["3701"] == ("missing", 0)
    assert "3712" not in lines
    assert len(lines) == 17


def test_the_announcement_and_the_table_are_public_in_both_languages() -> None:
    release = make_published_release(Cast(), rows=make_rows(3))
    address = f"/bulletins/{release.number}/"
    chinese, english = read(Client().get(address)).text, read(Client().get(f"/en{address}")).text
    assert "新增 3 条" in chinese.replace("\u00a0", " ")
    assert "尚未上网的单位：省本级、济南市、" in chinese
    assert "青岛市300" in chinese
    assert "Qingdao300" in english
    assert "Jinan" in english
    assert release.number in Client().get("/bulletins/").content.decode()
    assert release.number in Client().get("/en/bulletins/").content.decode()
    for page in (chinese, english):
        for row in make_rows(3):
            assert str(row["姓名"]) not in page
            assert str(row["证书编号"]) not in page


def test_a_correction_is_announced_on_any_day() -> None:
    cast = Cast()
    make_published_release(cast, rows=make_rows(2))
    number = str(make_row(seed=0)["证书编号"])
    release = make_published_change(cast, BatchKind.CORRECTION, [make_correction(number, 姓名="李更正")])
    line = BulletinLine.objects.get(publication=release.publication)
    assert (line.office_id, line.timeliness, line.corrected_count) == ("3702", "any_day", 1)
    page = read(Client().get(f"/bulletins/{release.number}/")).text
    assert "关于更正、撤销职业资格证书数据的公告" in page
    assert "李更正" not in page


def test_the_csv_opens_in_spreadsheet_programs_and_calculates_nothing() -> None:
    release = make_published_release(Cast(), rows=make_rows(3))
    with make_tampering("office") as cursor:
        cursor.execute("UPDATE office SET name = '=HYPERLINK(1)' WHERE code = '3701'")
    answer = Client().get(f"/bulletins/{release.number}.csv")
    assert answer["Content-Type"] == "text/csv; charset=utf-8"
    assert answer.content.startswith(b"\xef\xbb\xbf")
    rows = list(csv.reader(io.StringIO(answer.content.decode("utf-8-sig"))))
    assert rows[0][:4] == ["上网批次", "上网日期", "上报单位", "新增"]
    assert "'=HYPERLINK(1)" in [row[2] for row in rows]
    assert next(row for row in rows if row[2] == "青岛市")[3] == "3"
    assert rows[-1][3] == "3"
    assert csv_bytes([["＝1", "-2", " +3", "\t4", "5-"]]).decode("utf-8-sig") == "'＝1,'-2,' +3,'\t4,5-\r\n"


def test_an_unknown_number_is_not_found() -> None:
    assert Client().get("/bulletins/2026-01-A/").status_code == 404
    assert Client().get("/bulletins/2026-01-A.csv").status_code == 404
    assert Client().post("/bulletins/").status_code == 405
