"""The summary before the release is assembled, beside the last half-month's, and as a workbook for the leaders (R10)."""

import io

import openpyxl
import pytest

from certificates.models import BulletinLine
from tests.make import (
    Cast,
    make_published_release,
    make_release,
    make_row,
    make_rows,
    make_submitted_batch,
    make_tampering,
)
from tests.staff.make import address, sign_in, text_of
from uploads.models import Release, ReleaseItem
from uploads.models.release import ReleaseKind
from uploads.release.comparing import compare_with_last
from uploads.release.summary import summarise, summarise_batches

pytestmark = pytest.mark.django_db


def move_to_an_earlier_half_month(release: Release) -> None:
    """As if it had been published long ago."""
    with make_tampering("period_days", "release", "batch") as cursor:
        cursor.execute(
            "INSERT INTO period_days SELECT '2020-01-A', first_day, last_day, opens_at, closes_at, publication_day, "
            "provisional FROM period_days WHERE code = %s",
            [release.period_id],
        )
        cursor.execute("UPDATE release SET period_id = '2020-01-A', number = '2020-01-A' WHERE id = %s", [release.id])
        cursor.execute("UPDATE batch SET period_id = '2020-01-A'")


def test_the_summary_is_seen_before_the_release_is_assembled() -> None:
    cast = Cast()
    batch = make_submitted_batch(cast, rows=make_rows(4))
    client = sign_in(cast.network_administrator)
    page = client.post(f"/staff/releases/new/?period={batch.period_id}", {"batches": [batch.id], "preview": "1"})
    shown = text_of(page)
    assert "汇总表（尚未汇总）" in shown
    assert "青岛市 0 0 4 0 0 4 4 0 0 0 4 0" in shown
    assert f'id="batch-{batch.id}" checked' in page.content.decode()
    assert not Release.objects.exists()


def test_offices_occupations_and_levels_that_changed_are_named() -> None:
    before = make_published_release(Cast("3702"), rows=make_rows(12))
    move_to_an_earlier_half_month(before)
    cast = Cast("3701")
    rows = [make_row(seed=100 + place, level=4, **{"职业(工种)": "焊工"}) for place in range(15)]
    release = make_release(cast, rows=rows)
    comparison = compare_with_last(release.period, ReleaseKind.REGULAR, summarise(release))
    assert comparison is not None
    assert [(line.name, line.before, line.now) for line in comparison.striking_offices] == [
        ("济南市", None, 15),
        ("青岛市", 12, None),
    ]
    assert {(line.name, line.remark) for line in comparison.occupations} == {("焊工", "上次没有"), ("电工", "本次没有")}
    assert [(name[:2], earlier, now) for name, earlier, now in comparison.striking_levels] == [
        ("四级", 0, 100),
        ("三级", 100, 0),
    ]
    shown = text_of(sign_in(cast.deputy_director).get(address(release)))
    assert "青岛市：上次 12 条，本次没有（-12）" in shown
    assert "职业 焊工：上次没有，本次 15 条" in shown
    book = openpyxl.load_workbook(
        io.BytesIO(sign_in(cast.deputy_director).get(address(release, "summary.xlsx")).content)
    )
    assert book.sheetnames == ["按上报单位", "按职业", "各单位的职业", "与上一期比较", "未上报的单位", "审签"]


def test_rows_that_differ_from_their_signed_file_are_pointed_out() -> None:
    release = make_release(Cast(), rows=make_rows(3))
    with make_tampering("attempt") as cursor:
        cursor.execute("UPDATE attempt SET accepted_count = 4, read_count = 4")
    ids = list(ReleaseItem.objects.filter(release=release).values_list("batch_id", flat=True))
    summary = summarise_batches(ids)
    assert not summary.agrees
    assert (summary.total, summary.accepted) == (3, 4)


def test_the_counts_after_the_publication_hold_the_bulletin_too() -> None:
    cast = Cast()
    release = make_published_release(cast, rows=make_rows(3))
    client = sign_in(cast.network_administrator)
    assert "公布 3 条，上网 3 条 一致" in text_of(client.get(address(release)))
    with make_tampering("bulletin_line") as cursor:
        cursor.execute("UPDATE bulletin_line SET issued_count = 2 WHERE office_id = '3702'")
    assert BulletinLine.objects.get(office_id="3702").issued_count == 2
    assert "有数不一致" in text_of(client.get(address(release)))
