"""统计图表: four charts, each with its table; nothing in a picture that the Content-Security-Policy would block."""

import re
from datetime import timedelta

import pytest
from django.test import Client
from django.utils import timezone

from certificates.models import LookupCount
from tests.databases import acting_as
from tests.make import Cast, make_attempt, make_period, make_row, make_rows, make_submitted_batch
from tests.staff.make import sign_in, text_of
from uploads.oversight.statistics import (
    batches_by_period,
    last_periods,
    lookups_by_day,
    punctuality_of,
    refusals_by_office,
)
from uploads.pages.drawing import Series, rows_of_bars, stacked_bars

pytestmark = pytest.mark.django_db
PAGE = "/staff/statistics/"
ALL = None


def pictures(client: Client) -> list[str]:
    return re.findall(r"<svg.*?</svg>", client.get(PAGE).content.decode(), flags=re.DOTALL)


def test_the_counts_are_those_of_the_batches_files_and_lookups() -> None:
    cast, today = Cast(), timezone.localdate()
    make_attempt(by=cast.operator, office="3702", rows=[make_row(等级="六级"), make_row(seed=5)], compared=False)
    make_submitted_batch(cast, rows=make_rows(3, first=30))
    periods = last_periods(today)
    assert (len(periods), periods[-1]) == (12, make_period())
    assert [line.regular for line in batches_by_period(periods, ALL)] == [0] * 11 + [1]
    worst = refusals_by_office(periods, today, ALL)[0]
    assert (worst.office, worst.files, worst.rows, worst.refused, worst.per_thousand) == ("青岛市", 2, 5, 1, 200.0)
    (present,) = punctuality_of(periods, timezone.now(), ALL)
    assert (present.on_time + present.late, present.missing + present.waiting) == (1, 16)
    (afterwards,) = punctuality_of(periods, present.half_month.dates.closes_at, ALL)
    assert (afterwards.missing, afterwards.waiting) == (16, 0)
    assert [line.office for line in refusals_by_office(periods, today, {"3703"})] == ["淄博市"]
    with acting_as("owner"):
        for shard, days_ago, hits, misses in ((0, 0, 2, 1), (1, 0, 1, 0), (0, 29, 1, 0), (0, 30, 100, 0)):
            LookupCount.objects.create(day=today - timedelta(days=days_ago), shard=shard, hits=hits, misses=misses)
    days = lookups_by_day(today)
    assert (len(days), days[0].hits, days[-1].hits, days[-1].misses) == (30, 1, 3, 1)


def test_each_chart_has_its_table_and_a_city_sees_its_own_offices_alone() -> None:
    cast = Cast()
    with acting_as("owner"):
        LookupCount.objects.create(day=timezone.localdate(), shard=0, hits=41, misses=7)
    client = sign_in(cast.network_administrator)
    page = client.get(PAGE)
    shown = text_of(page)
    assert len(pictures(client)) == 4
    assert page.content.decode().count("<table>") == 4
    assert f"{timezone.localdate():%Y-%m-%d} 41 7" in shown
    assert "济南市" in shown
    assert "济南市" not in text_of(sign_in(cast.operator).get(PAGE))


def test_a_picture_brings_no_script_style_link_or_id_of_its_own() -> None:
    for picture in pictures(sign_in(Cast().director)):
        assert not re.search(r"<script|<style|style=|href|\bid=|onload|<title|<desc", picture)
        assert 'aria-hidden="true"' in picture


def test_labels_are_escaped_and_empty_charts_say_so() -> None:
    series = [Series("<b>", "tone-act", (3, 4))]
    drawn = stacked_bars(["<i>1</i>", "b & c"], series) + rows_of_bars(["<i>1</i>", "b & c"], series)
    assert "<i>" not in drawn
    assert "&lt;i&gt;1&lt;/i&gt;" in drawn
    assert drawn.count('class="series tone-act"') == 2
    assert stacked_bars(["a", "b"], [Series("x", "tone-act", (0, 0))])
