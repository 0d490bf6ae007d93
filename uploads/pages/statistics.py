"""统计图表: batches per half-month, rows refused per office, punctuality, lookups per day; each chart with its table."""

from collections.abc import Sequence
from dataclasses import dataclass

from django.http import HttpResponse
from django.utils import timezone
from django.utils.safestring import SafeString
from django.views.decorators.http import require_safe

from certlookup.calendar.periods import Period
from uploads.oversight.statistics import (
    DAYS,
    DayLookups,
    OfficeRefusals,
    PeriodBatches,
    Punctuality,
    batches_by_period,
    last_periods,
    lookups_by_day,
    punctuality_of,
    refusals_by_office,
)
from uploads.pages.drawing import Series, rows_of_bars, stacked_bars
from uploads.pages.frame import StaffRequest, render_staff, staff_required


@dataclass(frozen=True, slots=True)
class Chart:
    """One chart as the page shows it: the picture, its legend, and the table that says the same."""

    name: str
    title: str
    said: str
    picture: SafeString
    series: tuple[Series, ...]
    heads: tuple[str, ...]
    rows: tuple[tuple[str, ...], ...]


@require_safe
@staff_required
def statistics(request: StaffRequest) -> HttpResponse:
    """The charts of the offices that the person sees; lookups are everybody's."""
    today = timezone.localdate()
    offices = None if request.staff.is_provincial else request.staff.office_codes
    periods = last_periods(today)
    charts = [
        _batches(batches_by_period(periods, offices)),
        _punctuality(punctuality_of(periods, timezone.now(), offices)),
        _refusals(refusals_by_office(periods, today, offices)),
        _lookups(lookups_by_day(today)),
    ]
    return render_staff(
        request, "uploads/statistics.html", {"charts": charts, "first": periods[0], "last": periods[-1], "days": DAYS}
    )


def _cells(*values: str | float) -> tuple[str, ...]:
    return tuple(value if isinstance(value, str) else f"{value:,}" for value in values)


def _short(period: Period) -> str:
    return f"{period.month}-{1 if period.half == 'A' else 2}"


def _batches(lines: Sequence[PeriodBatches]) -> Chart:
    series = (
        Series("定期上报", "tone-act", tuple(line.regular for line in lines)),
        Series("补录", "tone-warn", tuple(line.backfill for line in lines)),
        Series("更正、撤销、恢复", "tone-soft", tuple(line.changes for line in lines)),
    )
    total = sum(sum(each.values) for each in series)
    return Chart(
        name="batches",
        title="每期上报的批次",
        said=f"{len(lines)} 期共上报 {total:,} 个批次。",
        picture=stacked_bars([_short(line.period) for line in lines], series, every=2),
        series=series,
        heads=("期次", "定期上报", "补录", "更正、撤销、恢复"),
        rows=tuple(
            _cells(line.period.short_label, line.regular, line.backfill, line.changes) for line in reversed(lines)
        ),
    )


def _punctuality(lines: Sequence[Punctuality]) -> Chart:
    series = (
        Series("按时上报", "tone-good", tuple(line.on_time for line in lines)),
        Series("逾期上报", "tone-warn", tuple(line.late for line in lines)),
        Series("未上报", "tone-bad", tuple(line.missing for line in lines)),
        Series("还在上报期内", "tone-soft", tuple(line.waiting for line in lines)),
    )
    on_time, late = sum(series[0].values), sum(series[1].values)
    return Chart(
        name="punctuality",
        title="上报是否按时",
        said=f"{on_time:,} 次按时上报，{late:,} 次逾期上报。",
        picture=stacked_bars([_short(line.half_month.dates.period) for line in lines], series, every=2),
        series=series,
        heads=("期次", "按时上报", "逾期上报", "未上报", "还在上报期内", "上网"),
        rows=tuple(
            _cells(
                line.half_month.dates.period.short_label,
                line.on_time,
                line.late,
                line.missing,
                line.waiting,
                _published(line),
            )
            for line in reversed(lines)
        ),
    )


def _published(line: Punctuality) -> str:
    half_month = line.half_month
    if half_month.published_on is None:
        return "尚未上网"
    told = f"晚 {half_month.days_late} 天" if half_month.days_late else "提前" if half_month.is_early else "按时"
    return f"{half_month.published_on:%Y-%m-%d} {told}"


def _refusals(lines: Sequence[OfficeRefusals]) -> Chart:
    series = (Series("不合格记录", "tone-bad", tuple(line.refused for line in lines)),)
    worst = (
        f"最多的是{lines[0].office}，{lines[0].refused:,} 条。" if lines and lines[0].refused else "没有不合格记录。"
    )
    return Chart(
        name="refusals",
        title="各单位的不合格记录",
        said=f"每次上传的文件都计入。{worst}",
        picture=rows_of_bars([line.office for line in lines], series),
        series=series,
        heads=("上报单位", "文件", "记录", "不合格记录", "每千条不合格"),
        rows=tuple(_cells(line.office, line.files, line.rows, line.refused, line.per_thousand) for line in lines),
    )


def _lookups(lines: Sequence[DayLookups]) -> Chart:
    series = (
        Series("查到", "tone-good", tuple(line.hits for line in lines)),
        Series("未查到", "tone-warn", tuple(line.misses for line in lines)),
    )
    hits, misses = (sum(each.values) for each in series)
    return Chart(
        name="lookups",
        title="每天的公众查询",
        said=f"{len(lines)} 天共 {hits + misses:,} 次查询，查到 {hits:,} 次，未查到 {misses:,} 次。只计次数，不记谁查了什么。",
        picture=stacked_bars([f"{line.day:%-m-%-d}" for line in lines], series, every=7),
        series=series,
        heads=("日期", "查到", "未查到"),
        rows=tuple(_cells(f"{line.day:%Y-%m-%d}", line.hits, line.misses) for line in reversed(lines)),
    )
