"""A list's rows in words, in the language that is active: what each ended as, where it differs, what is wrong with it."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from typing import Any

from django.utils.translation import gettext, ngettext
from django.utils.translation import gettext_lazy as _

from certificates.certnumber import CertNumberError
from certificates.forms import certificate_message, id_message
from certificates.idnumber import IdNumberError
from certificates.lists.checking import RowState
from certificates.lists.rows import RowError, RowProblem
from certificates.pages import wording
from certificates.pages.result import LABELS, Verdict

VERDICTS: Mapping[RowState, tuple[str, str, Any]] = {
    RowState.AGREES: ("good", "✓", _("有效，与名单一致")),
    RowState.DIFFERS: ("warn", "≠", _("有效，与名单不一致")),
    RowState.CORRECTED: ("warn", "✎", _("已更正")),
    RowState.REVOKED: ("bad", "✕", _("已撤销，不再有效")),
    RowState.UNDER_REVIEW: ("warn", "…", _("核查中")),
    RowState.NOT_FOUND: ("warn", "？", _("未查询到")),
    RowState.FORM_ERROR: ("bad", "!", _("填写有误")),
    RowState.LATER: ("warn", "…", _("暂不能核对")),
}


@dataclass(frozen=True, slots=True)
class ListLine:
    """One row of the result as a page or a sheet shows it."""

    number: int
    holder_name: str
    name_parts: tuple[tuple[str, ...], ...]
    masked_id: str
    certificate_number: str
    groups: tuple[str, ...]
    verdict: Verdict
    notes: tuple[str, ...]


def verdict_of(state: RowState) -> Verdict:
    """A state as a word with a mark."""
    tone, mark, word = VERDICTS[state]
    return Verdict(tone, mark, str(word))


def row_reason(error: Exception) -> str:
    """What is wrong with a row, and what to do."""
    if isinstance(error, IdNumberError):
        return id_message(error)
    if isinstance(error, CertNumberError):
        return certificate_message(error)
    assert isinstance(error, RowError)
    column = {"column": str(LABELS[error.field])}
    match error.problem:
        case RowProblem.NAME_MISSING:
            return gettext("没有填写姓名。")
        case RowProblem.NAME_WRONG:
            return gettext("姓名中有不能用于姓名的字符，或以符号开头，请改正。")
        case RowProblem.LEVEL_UNKNOWN:
            return gettext("等级应为五级、四级、三级、二级、一级之一。")
        case RowProblem.DATE_UNREADABLE:
            return gettext("发证日期不是完整的日期，请写成 2026-11-03 的样子，或留空。")
        case RowProblem.NUMBER_DAMAGED:
            return (
                gettext(
                    "“%(column)s”这一格是数字格式，超过 15 位的号码已被表格软件改动。请把该列设为文本格式，重新填写号码。"
                )
                % column
            )
        case RowProblem.TOO_LONG:
            return gettext("“%(column)s”这一格的内容过长。") % column


def line_of(row: Mapping[str, Any], language: str) -> ListLine:
    """A kept row (pages/lists.py makes it) in words."""
    state = RowState(row["state"])
    return ListLine(
        number=row["number"],
        holder_name=row["name"],
        name_parts=wording.name_parts(row["name"]),
        masked_id=row["id"],
        certificate_number=row["certificate"],
        groups=wording.fours(row["certificate"]) if row["certificate"] else (),
        verdict=verdict_of(state),
        notes=tuple(_notes(row, state, language)),
    )


def _notes(row: Mapping[str, Any], state: RowState, language: str) -> list[str]:
    notes = []
    if state is RowState.FORM_ERROR:
        notes.append(row["reason"][language])
    if state is RowState.LATER:
        notes.append(gettext("最近对这两项号码的查询过多，只有两项都对时才显示结果。请核对号码，或过一小时再核对。"))
    published_on = date.fromisoformat(row["published_on"]) if row["published_on"] else None
    if published_on and state in (RowState.CORRECTED, RowState.REVOKED):
        text = gettext("%(day)s已更正") if state is RowState.CORRECTED else gettext("%(day)s撤销")
        notes.append(text % {"day": wording.day(published_on)})
    if published_on and row["reinstated"]:
        notes.append(gettext("%(day)s恢复有效") % {"day": wording.day(published_on)})
    for name, given, found in row["differences"]:
        shown = {"field": LABELS[name], "given": _value(name, given), "found": _value(name, found) or gettext("未登记")}
        notes.append(gettext("%(field)s：名单为“%(given)s”，本网为“%(found)s”") % shown)
    if row["same_as"]:
        notes.append(gettext("与第 %(row)s 行相同") % {"row": row["same_as"]})
    return notes


def _value(name: str, value: str) -> str:
    return wording.day(date.fromisoformat(value)) if name == "issue_date" and value else value


def people(count: int) -> str:
    """A count of people: 3 人, 3 people."""
    text = ngettext("%(count)s 人", "%(count)s 人", count) % {"count": count}
    return text.replace(" ", wording.NO_BREAK_SPACE)
