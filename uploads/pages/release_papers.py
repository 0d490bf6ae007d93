"""汇总表 on paper and as a workbook (R10): the same counts, digest and audit head, with lines to sign on."""

import io

from django.http import HttpResponse
from django.utils import timezone
from django.views.decorators.http import require_safe

from certlookup.spreadsheets.writing import SheetColumn, SheetContent, Value, write_workbook
from uploads.oversight.viewing import record_view
from uploads.pages.frame import StaffRequest, render_staff, staff_required
from uploads.pages.release_page import ReleasePage, release_page
from uploads.pages.releases import release_or_404
from uploads.release.comparing import Comparison
from uploads.signoff.capacities import required_for_release

XLSX = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"


@require_safe
@staff_required
def summary(request: StaffRequest, release_id: int) -> HttpResponse:
    """The summary as one printable page."""
    page = release_page(release_or_404(release_id), request.staff)
    given = {signature.capacity: signature for signature in page.signatures}
    lines = [(required.capacity.label, given.get(required.capacity)) for required in required_for_release()]
    context = {"page": page, "lines": lines, "printed_at": timezone.now()}
    return render_staff(request, "uploads/releases/summary.html", context)


@require_safe
@staff_required
def workbook(request: StaffRequest, release_id: int) -> HttpResponse:
    """The summary as .xlsx: by office, by occupation, what stands out, who is missing, who has signed."""
    page = release_page(release_or_404(release_id), request.staff)
    record_view(
        by=request.staff.actor(), action="summary.handed_out", subject_kind="release", subject_id=str(release_id)
    )
    content = io.BytesIO()
    write_workbook(content, _sheets(page))
    headers = {"Content-Disposition": f'attachment; filename="summary-{page.release.number}.xlsx"'}
    return HttpResponse(content.getvalue(), content_type=XLSX, headers=headers)


def _sheets(page: ReleasePage) -> list[SheetContent]:
    compared = [_compared(page.comparison)] if page.comparison else []
    return [_by_office(page), _by_occupation(page), _crossed(page), *compared, _missing(page), _signed(page)]


def _title(page: ReleasePage) -> tuple[str, ...]:
    return (
        f"汇总表 {page.release.number}（{page.release.get_kind_display()}，{page.release.get_state_display()}）",
        page.period.label,
        f"数据摘要 {page.digest}",
        f"审计链 第 {page.audit_head.number} 条 {bytes(page.audit_head.hash).hex()}",
        *([f"上网链 {page.chained.number} {bytes(page.chained.chain).hex()}"] if page.chained else []),
        f"生成时间 {timezone.localtime():%Y-%m-%d %H:%M}（北京时间）",
    )


def _level_columns(page: ReleasePage) -> list[SheetColumn]:
    return [SheetColumn(name, 16) for name in page.summary.level_names]


def _by_office(page: ReleasePage) -> SheetContent:
    rows: list[list[Value]] = [
        [
            line.office_name,
            str(line.kind.label),
            *line.by_level,
            line.total,
            *line.by_effect,
            line.accepted,
            line.warnings,
            "本期无数据" if line.declares_no_data else "" if line.agrees else "与批次不一致",
        ]
        for line in page.summary.offices
    ]
    summary = page.summary
    rows.append(
        ["合计", "", *summary.by_level, summary.total, *summary.by_effect, summary.accepted, summary.warnings, ""]
    )
    columns = [
        SheetColumn("上报单位", 18),
        SheetColumn("种类"),
        *_level_columns(page),
        SheetColumn("合计"),
        *[SheetColumn(name) for name in page.summary.effect_names],
        SheetColumn("批次记录"),
        SheetColumn("提醒"),
        SheetColumn("备注", 18),
    ]
    return SheetContent("按上报单位", columns, rows, _title(page))


def _by_occupation(page: ReleasePage) -> SheetContent:
    rows: list[list[Value]] = [[line.occupation, *line.by_level, line.total] for line in page.summary.occupations]
    rows.append(["合计", *page.summary.by_level, page.summary.total])
    return SheetContent("按职业", [SheetColumn("职业（工种）", 28), *_level_columns(page), SheetColumn("合计")], rows)


def _crossed(page: ReleasePage) -> SheetContent:
    lines = page.summary.by_office_and_occupation
    rows = [[line.office_name, line.occupation, *line.by_level, line.total] for line in lines]
    columns = [SheetColumn("上报单位", 18), SheetColumn("职业（工种）", 28), *_level_columns(page), SheetColumn("合计")]
    return SheetContent("各单位的职业", columns, rows)


def _compared(comparison: Comparison) -> SheetContent:
    """Every office, then the occupations and levels that stand out."""
    rows: list[list[Value]] = [
        ["上报单位", line.name, line.before, line.now, line.difference, line.remark] for line in comparison.offices
    ]
    rows.append(["合计", "", comparison.before, comparison.now, comparison.difference, ""])
    rows += [
        ["职业（工种）", line.name, line.before, line.now, line.difference, line.remark]
        for line in comparison.occupations
    ]
    striking = {name: f"占比由 {before}% 变为 {now}%" for name, before, now in comparison.striking_levels}
    rows += [
        ["等级", line.name, line.before, line.now, line.difference, striking.get(line.name, "")]
        for line in comparison.levels
    ]
    columns = [
        SheetColumn("项目"),
        SheetColumn("名称", 28),
        SheetColumn("上次"),
        SheetColumn("本次"),
        SheetColumn("增减"),
        SheetColumn("提示", 24),
    ]
    return SheetContent("与上一期比较", columns, rows, (f"上一次定期上网：{comparison.number}",))


def _signed(page: ReleasePage) -> SheetContent:
    """Who has signed so far, and lines for who is still to sign."""
    given = {signature.capacity: signature for signature in page.signatures}
    rows: list[list[Value]] = []
    for required in required_for_release():
        signature = given.get(required.capacity)
        name = f"{signature.signed_by}（网上签字）" if signature else ""
        when = f"{timezone.localtime(signature.at):%Y-%m-%d %H:%M}" if signature else ""
        rows.append([str(required.capacity.label), name, when])
    return SheetContent("审签", [SheetColumn("身份", 20), SheetColumn("签字", 24), SheetColumn("日期", 20)], rows)


def _missing(page: ReleasePage) -> SheetContent:
    rows = [[office.name, office.state, office.responsible_person, office.responsible_phone] for office in page.missing]
    columns = [
        SheetColumn("上报单位", 18),
        SheetColumn("进展", 18),
        SheetColumn("专责人员"),
        SheetColumn("电话", 20, is_text=True),
    ]
    return SheetContent("未上报的单位", columns, rows)
