"""审计: the trail of who did what, for audit administrators alone."""

from dataclasses import dataclass
from datetime import datetime, time, timedelta
from urllib.parse import urlencode

from django.core.paginator import Paginator
from django.db.models import QuerySet
from django.http import HttpResponse
from django.utils import timezone
from django.views.decorators.http import require_safe

from uploads.models import AuditEntry, AuditHead, Capacity, Outcome, Person
from uploads.oversight.wording import action_label, actions_called, subject_label
from uploads.pages.forms.audit import AuditFilterForm
from uploads.pages.frame import StaffRequest, capacity_required, render_staff
from uploads.refusals import SENTENCES

ENTRIES_PER_PAGE = 50


@dataclass(frozen=True, slots=True)
class Detail:
    """One thing that an entry says beside who, what and when."""

    name: str
    value: str

    @property
    def is_digest(self) -> bool:
        return len(self.value) == 64 and set(self.value) <= set("0123456789abcdef")


@dataclass(frozen=True, slots=True)
class AuditLine:
    """One entry as the page shows it."""

    number: int
    at: datetime
    who: str
    staff_number: str
    capacity: str
    address: str
    action: str
    subject: str
    refused: bool
    detail: tuple[Detail, ...]
    hash: str


@require_safe
@capacity_required(Capacity.AUDIT_ADMINISTRATOR)
def audit(request: StaffRequest) -> HttpResponse:
    """Entries, the newest first, by person, action, outcome and days."""
    form = AuditFilterForm(request.GET or None)
    entries = AuditEntry.objects.order_by("-number")
    asked = {name: value for name, value in request.GET.items() if name in form.fields and value}
    if form.is_bound and form.is_valid():
        entries = _filtered(entries, form.cleaned_data)
    paginator = Paginator(entries, ENTRIES_PER_PAGE)
    page = paginator.get_page(request.GET.get("page"))
    names = dict(Person.objects.filter(id__in={entry.person_id for entry in page}).values_list("id", "name"))
    context = {
        "form": form,
        "lines": [_line(entry, names) for entry in page],
        "page": page,
        "pages": paginator.get_elided_page_range(page.number),
        "query": f"{urlencode(asked)}&" if asked else "",
        "head": AuditHead.objects.get(),
    }
    return render_staff(request, "uploads/audit/audit.html", context)


def _filtered(entries: "QuerySet[AuditEntry]", wanted: dict[str, object]) -> "QuerySet[AuditEntry]":
    who = str(wanted["person"] or "")
    if who:
        people = Person.objects.filter(name=who).values_list("staff_number", flat=True)
        entries = entries.filter(staff_number__in=[*people, who.upper()])
    if wanted["action"]:
        entries = entries.filter(action__in=actions_called(str(wanted["action"])))
    if wanted["outcome"]:
        entries = entries.filter(outcome=wanted["outcome"])
    here = timezone.get_current_timezone()
    if wanted["first_day"]:
        entries = entries.filter(recorded_at__gte=datetime.combine(wanted["first_day"], time(), here))  # type: ignore[arg-type]
    if wanted["last_day"]:
        end = datetime.combine(wanted["last_day"], time(), here) + timedelta(days=1)  # type: ignore[arg-type]
        entries = entries.filter(recorded_at__lt=end)
    return entries


def _line(entry: AuditEntry, names: dict[int, str]) -> AuditLine:
    return AuditLine(
        number=entry.number,
        at=entry.recorded_at,
        who=names.get(entry.person_id or 0, "系统" if entry.person_id is None else ""),
        staff_number=entry.staff_number,
        capacity=str(Capacity(entry.capacity).label) if entry.capacity in Capacity.values else entry.capacity,
        address=entry.address,
        action=action_label(entry.action),
        subject=f"{subject_label(entry.subject_kind)} {entry.subject_id}".strip(),
        refused=entry.outcome == Outcome.REFUSED,
        detail=tuple(_detail(name, value) for name, value in entry.detail.items() if value not in (None, "")),
        hash=bytes(entry.hash).hex(),
    )


def _detail(name: str, value: object) -> Detail:
    label = DETAILS.get(name, name)
    if name == "reason" and isinstance(value, str) and value in SENTENCES:
        return Detail(label, SENTENCES[value])
    if isinstance(value, list):
        return Detail(label, "；".join(_plain(part) for part in value))
    return Detail(label, str(value))


def _plain(part: object) -> str:
    return " ".join(map(str, part.values())) if isinstance(part, dict) else str(part)


DETAILS = {
    "after": "改为",
    "attempt": "文件序号",
    "batches": "批次",
    "before": "原来",
    "capacity": "身份",
    "closes_at": "截止",
    "copies": "已核对",
    "deadline": "截止日期",
    "digest": "摘要",
    "due": "待写入",
    "effective_at": "补记时间",
    "file": "文件摘要",
    "found": "找到",
    "from": "原状态",
    "method": "方式",
    "name": "名称",
    "office": "上报单位",
    "offices": "上报单位",
    "opens_at": "开始",
    "publication": "上网序号",
    "read": "读取",
    "reason": "原因",
    "refused": "不合格",
    "release": "汇总批次",
    "revisions": "版本数",
    "round": "轮次",
    "rows": "记录",
    "rule": "规则",
    "valid_to": "有效至",
    "warnings": "提醒",
    "way_in": "签字方式",
    "years": "发证年份",
}
