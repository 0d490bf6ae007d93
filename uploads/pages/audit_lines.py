"""An entry of the audit trail as pages show it: in Chinese, with a link to what it is about."""

import re
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime

from django.urls import reverse
from django.utils import timezone

from uploads.models import AuditEntry, Capacity, HazardState, HazardStepKind, Outcome, Person
from uploads.oversight.wording import REASONS, action_label, subject_label
from uploads.refusals import SENTENCES

# A time with its zone, as the database writes it into an entry.
_MOMENT = re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d+)?[+-]\d\d:\d\d$")
_PAGES = {
    "batch": "staff-batch",
    "release": "staff-release",
    "campaign": "staff-campaign",
    "incident": "staff-incident",
    "hazard": "staff-hazard",
}
_HAZARD_WORDS = dict((*HazardState.choices, *HazardStepKind.choices))


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
    url: str
    refused: bool
    detail: tuple[Detail, ...]
    hash: str


def lines_shown(entries: Iterable[AuditEntry]) -> list[AuditLine]:
    """The entries with people's names."""
    listed = list(entries)
    names = dict(Person.objects.filter(id__in={entry.person_id for entry in listed}).values_list("id", "name"))
    return [_line(entry, names) for entry in listed]


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
        url=_address(entry),
        refused=entry.outcome == Outcome.REFUSED,
        detail=tuple(_detail(name, value) for name, value in entry.detail.items() if value not in (None, "")),
        hash=bytes(entry.hash).hex(),
    )


def _address(entry: AuditEntry) -> str:
    page = _PAGES.get(entry.subject_kind)
    return reverse(page, args=[int(entry.subject_id)]) if page and entry.subject_id.isdecimal() else ""


def _detail(name: str, value: object) -> Detail:
    label = DETAILS.get(name, name)
    if name == "reason" and isinstance(value, str) and value in SENTENCES:
        return Detail(label, SENTENCES[value])
    if name == "reason" and value in REASONS:
        return Detail(label, REASONS[str(value)])
    if name in {"capacity", "taken_as"} and value in Capacity.values:
        return Detail(label, str(Capacity(value).label))
    if name in {"step", "before", "after"} and isinstance(value, str) and value in _HAZARD_WORDS:
        return Detail(label, _HAZARD_WORDS[value])
    if isinstance(value, bool):
        return Detail(label, "是" if value else "否")
    if isinstance(value, dict):
        return Detail(label, "，".join(f"{DETAILS.get(key, key)} {_plain(part)}" for key, part in value.items()))
    if isinstance(value, list):
        return Detail(label, "；".join(_plain(part) for part in value))
    return Detail(label, _plain(value))


def _plain(part: object) -> str:
    if isinstance(part, bool):
        return "是" if part else "否"
    if isinstance(part, str) and _MOMENT.match(part):
        return f"{timezone.localtime(datetime.fromisoformat(part)):%Y-%m-%d %H:%M}"
    return " ".join(map(str, part.values())) if isinstance(part, dict) else str(part)


DETAILS = {
    "allows_loss": "同意恢复到较早的状态",
    "aside": "原来的数据",
    "bytes": "字节数",
    "differences": "不一致处数",
    "due_back_on": "归还日期",
    "file_name": "文件",
    "given_by": "交出人",
    "hand_over": "交接序号",
    "incident": "事件",
    "is_older": "较早的状态",
    "losses": "失去内容的摘要",
    "lost": "失去的内容",
    "lost_at": "遗失时间",
    "medium": "介质",
    "order": "指示",
    "ordered_by": "决定人",
    "place": "位置",
    "proven_at": "恢复验证",
    "restored_file": "恢复过的文件摘要",
    "seconds": "用时（秒）",
    "serial_number": "序列号",
    "taken_as": "接收身份",
    "to": "接收人",
    "problem": "原因",
    "signature": "病毒名称",
    "all_well": "全部正常",
    "due_on": "完成期限",
    "grade": "等级",
    "inspection": "巡检",
    "seen": "情况的校验值",
    "step": "办理",
    "text": "内容的校验值",
    "virus_data_on": "病毒库日期",
    "account": "账号",
    "accounts": "账号数",
    "after": "改为",
    "announced_year": "公布的年份",
    "attempt": "文件序号",
    "batches": "批次",
    "before": "原来",
    "capacity": "身份",
    "closes_at": "截止",
    "codes": "恢复码",
    "codes_left": "剩余恢复码",
    "copies": "已核对",
    "deadline": "截止日期",
    "delegated_by": "被代理人",
    "digest": "摘要",
    "due": "待写入",
    "effective_at": "补记时间",
    "entries": "条数",
    "factor": "验证方式",
    "file": "文件摘要",
    "files": "文件摘要",
    "format": "格式",
    "found": "找到",
    "from": "原状态",
    "kind": "种类",
    "known": "工号存在",
    "method": "方式",
    "name": "名称",
    "office": "上报单位",
    "note": "说明",
    "off": "放假",
    "offices": "上报单位",
    "opens_at": "开始",
    "phone": "电话",
    "places": "锁定处数",
    "precheck": "预检",
    "publication": "上网序号",
    "read": "读取",
    "reason": "原因",
    "refused": "不合格",
    "release": "汇总批次",
    "report": "报告摘要",
    "restored": "恢复原来的安排",
    "revisions": "版本数",
    "round": "轮次",
    "rows": "记录",
    "rule": "规则",
    "sessions_ended": "退出的登录",
    "since": "起始时间",
    "suspected_crime": "涉嫌违法",
    "trial": "样表",
    "until": "截至",
    "valid_from": "有效自",
    "valid_to": "有效至",
    "warnings": "提醒",
    "way_in": "签字方式",
    "working": "上班",
    "years": "发证年份",
}
