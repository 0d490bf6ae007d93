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
    """The summary as .xlsx: by office, by occupation, and who is missing."""
    page = release_page(release_or_404(release_id), request.staff)
    record_view(
        by=request.staff.actor(), action="summary.handed_out", subject_kind="release", subject_id=str(release_id)
    )
    content = io.BytesIO()
    write_workbook(content, [_by_office(page), _by_occupation(page), _missing(page)])
    headers = {"Content-Disposition": f'attachment; filename="summary-{page.release.number}.xlsx"'}
    return HttpResponse(content.getvalue(), content_type=XLSX, headers=headers)


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
            line.warnings,
            "本期无数据" if line.declares_no_data else "",
        ]
        for line in page.summary.offices
    ]
    rows.append(["合计", "", *page.summary.by_level, page.summary.total, page.summary.warnings, ""])
    columns = [
        SheetColumn("上报单位", 18),
        SheetColumn("种类"),
        *_level_columns(page),
        SheetColumn("合计"),
        SheetColumn("提醒"),
        SheetColumn("备注"),
    ]
    return SheetContent("按上报单位", columns, rows, _title(page))


def _by_occupation(page: ReleasePage) -> SheetContent:
    rows: list[list[Value]] = [[line.occupation, *line.by_level, line.total] for line in page.summary.occupations]
    rows.append(["合计", *page.summary.by_level, page.summary.total])
    return SheetContent("按职业", [SheetColumn("职业（工种）", 28), *_level_columns(page), SheetColumn("合计")], rows)


def _missing(page: ReleasePage) -> SheetContent:
    rows = [[office.name, office.state, office.responsible_person, office.responsible_phone] for office in page.missing]
    columns = [
        SheetColumn("上报单位", 18),
        SheetColumn("进展", 18),
        SheetColumn("专责人员"),
        SheetColumn("电话", 20, is_text=True),
    ]
    return SheetContent("未上报的单位", columns, rows)
