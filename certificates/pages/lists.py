"""名单核对: an employer hands in a list and gets each person's line, kept for 30 minutes under an unguessable address."""

import io
from collections import Counter
from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from urllib.parse import urlsplit

from django.conf import settings
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.urls import reverse
from django.utils import timezone, translation
from django.utils.translation import get_language, gettext

from certificates.limits import Pair
from certificates.lists import KEPT_MINUTES, ROWS_AT_MOST
from certificates.lists.checking import CheckedRow, RowState, check_rows
from certificates.lists.keeping import forget, keep, kept, new_secret
from certificates.lists.reading import GivenList
from certificates.lists.rows import FIELDS, READ_ERRORS, GivenRow, ReadRow, read_row
from certificates.load import tally
from certificates.models import Publication
from certificates.pages import errors, wording
from certificates.pages.forms.lists import ListForm
from certificates.pages.gate import Asked, Gate, pass_gate
from certificates.pages.listwording import ListLine, line_of, people, row_reason, verdict_of
from certificates.pages.numbers import count_use_of
from certificates.pages.overview import period_or_none
from certificates.pages.result import LABELS, Verdict
from certificates.randomcodes import new_code
from certlookup.databases import reads_register
from certlookup.sealing import index_id
from certlookup.spreadsheets.writing import SheetColumn, SheetContent, write_workbook

_XLSX = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
_WIDTHS = {
    "holder_name": 14,
    "id_number": 24,
    "certificate_number": 24,
    "occupation": 20,
    "level": 18,
    "issue_date": 14,
}
_LANGUAGES = ("zh-hans", "en")


@dataclass(frozen=True, slots=True)
class Count:
    """How many rows ended as one state."""

    verdict: Verdict
    people: str


@dataclass(frozen=True, slots=True)
class ListResult:
    """A kept result as page and sheet show it; as_of is empty while nothing is published."""

    reference: str
    made_at: datetime
    kept_until: datetime
    as_of: str
    rows: tuple[ListLine, ...]
    counts: tuple[Count, ...]
    unread: str


def index(request: HttpRequest) -> HttpResponse:
    """The form; by POST a list, or one that waited for its challenge."""
    if request.method in ("GET", "HEAD"):
        return _form_page(request, ListForm())
    if request.method != "POST":
        return errors.method_not_allowed(request, ("GET", "HEAD", "POST"))
    if secret := request.POST.get("list"):
        waiting = kept(secret)
        if waiting is None or "asked" not in waiting.content:
            return _form_page(request, ListForm(), expired=True)
        given = GivenList(tuple(GivenRow(number, texts) for number, texts in waiting.content["asked"]))
        return _answer(request, given, waiting.content["unread"], secret)
    if page := count_use_of(request, "list", settings.RATE_LISTS):
        return page
    form = ListForm(request.POST, request.FILES)
    if not form.is_valid() or form.given_list is None:
        return _form_page(request, form)
    return _answer(request, form.given_list, list(form.given_list.unread), None)


def _form_page(request: HttpRequest, form: ListForm, *, expired: bool = False) -> HttpResponse:
    labels = [str(LABELS[name]) for name in FIELDS]
    context = {
        "form": form,
        "expired": expired,
        "required": labels[:3],
        "optional": labels[3:],
        "most": ROWS_AT_MOST,
        "minutes": KEPT_MINUTES,
    }
    return render(request, "certificates/lists/index.html", context)


def _answer(request: HttpRequest, given: GivenList, unread: list[str], waiting: str | None) -> HttpResponse:
    """Check the list once the gate lets it through; until then it waits, sealed, so that nobody sends it again."""
    read: list[ReadRow] = []
    wrong: list[dict[str, Any]] = []
    for row in given.rows:
        try:
            read.append(read_row(row))
        except READ_ERRORS as error:
            wrong.append(_wrong_row(row, error))
    secret = waiting or new_secret()
    gate = _pass_gate(request, read, secret) if read else None
    if gate is not None and gate.page is not None:
        if waiting is None and not keep(secret, _waiting(given, unread)):
            return _full(request)
        return gate.page
    newest, checked = _check(read, gate.beyond if gate else ())
    missed = [row for row in checked if row.state in (RowState.NOT_FOUND, RowState.LATER)]
    if gate is not None:
        tally.found(len(checked) - len(missed))
        for row in missed:
            tally.missed(gate.address, row.certificate_number)
    rows = sorted([*_kept_rows(checked), *wrong], key=lambda row: row["number"])
    result = new_secret()
    if not keep(result, _result(rows, unread, newest)):
        return _full(request)
    if waiting:
        forget(waiting)
    response = HttpResponseRedirect(reverse("list", args=[result]))
    response.status_code = 303
    return response


def _pass_gate(request: HttpRequest, read: Sequence[ReadRow], secret: str) -> Gate:
    pairs = [Pair(index_id(row.id_number.canonical)[0], row.certificate_number.text) for row in read]
    return pass_gate(request, Asked(pairs, carry={"list": secret}, action=reverse("lists")))


def _waiting(given: GivenList, unread: list[str]) -> dict[str, Any]:
    return {"asked": [[row.number, dict(row.texts)] for row in given.rows], "unread": unread}


def _full(request: HttpRequest) -> HttpResponse:
    response = render(request, "certificates/lists/full.html", status=503)
    response.headers["Retry-After"] = str(errors.RETRY_AFTER_SECONDS)
    return response


@reads_register
def _check(read: Sequence[ReadRow], beyond: Collection[int]) -> tuple[list[str] | None, list[CheckedRow]]:
    """The newest publication, and each row's end by data that it is certainly part of: on one server, and in this order."""
    newest = Publication.objects.order_by("-id").values_list("published_on", "number", "period_code").first()
    checked = check_rows(read, beyond) if read else []
    return [newest[0].isoformat(), newest[1], newest[2]] if newest else None, checked


def _result(rows: list[dict[str, Any]], unread: list[str], as_of: list[str] | None) -> dict[str, Any]:
    now = timezone.localtime()
    reference = f"HD{now:%Y%m%d}-{new_code(6)}"
    return {"reference": reference, "made_at": now.isoformat(), "as_of": as_of, "unread": unread, "rows": rows}


def _wrong_row(row: GivenRow, error: Exception) -> dict[str, Any]:
    reasons = {}
    for language in _LANGUAGES:
        with translation.override(language):
            reasons[language] = row_reason(error)
    # Neither number is kept: what is wrong in its form may be somebody's number in the wrong column.
    return _kept(row.number, name=(row.texts.get("holder_name") or "")[:60], state=RowState.FORM_ERROR, reason=reasons)


def _kept_rows(checked: Sequence[CheckedRow]) -> list[dict[str, Any]]:
    first: dict[tuple[str, str], int] = {}
    rows = []
    for row in checked:
        key = (row.masked_id + row.holder_name, row.certificate_number)
        same_as = first.setdefault(key, row.number)
        rows.append(
            _kept(
                row.number,
                name=row.holder_name,
                state=row.state,
                id=row.masked_id,
                certificate=row.certificate_number,
                published_on=row.published_on.isoformat() if row.published_on else "",
                reinstated=row.reinstated,
                differences=[[each.field, each.given, each.found] for each in row.differences],
                same_as=same_as if same_as != row.number else 0,
            )
        )
    return rows


def _kept(number: int, **told: object) -> dict[str, Any]:
    nothing = {"id": "", "certificate": "", "published_on": "", "reinstated": False, "differences": [], "same_as": 0}
    return {"number": number, **nothing, **told}


def one(request: HttpRequest, secret: str) -> HttpResponse:
    """A result; by POST it is deleted at once."""
    if request.method == "POST":
        forget(secret)
        return render(request, "certificates/lists/gone.html", {"deleted": True})
    if request.method not in ("GET", "HEAD"):
        return errors.method_not_allowed(request, ("GET", "HEAD", "POST"))
    result = _shown(secret)
    if result is None:
        return render(request, "certificates/lists/gone.html", status=404)
    context = {
        "result": result,
        "secret": secret,
        "minutes": KEPT_MINUTES,
        "own_host": urlsplit(settings.SITE_ADDRESS).netloc,
    }
    return render(request, "certificates/lists/result.html", context)


def _shown(secret: str) -> ListResult | None:
    found = kept(secret)
    if found is None or "rows" not in found.content:
        return None
    content, language = found.content, "en" if get_language() == "en" else "zh-hans"
    states = Counter(row["state"] for row in content["rows"])
    return ListResult(
        reference=content["reference"],
        made_at=datetime.fromisoformat(content["made_at"]),
        kept_until=timezone.localtime(found.expires_at),
        as_of=_as_of(content["as_of"]),
        rows=tuple(line_of(row, language) for row in content["rows"]),
        counts=tuple(Count(verdict_of(state), people(states[state])) for state in RowState if states[state]),
        unread=gettext("、").join(content["unread"]),
    )


def _as_of(told: list[str] | None) -> str:
    if told is None:
        return ""
    day, number, code = told
    text = gettext("以 %(day)s上网的数据为准") % {"day": wording.day(datetime.fromisoformat(day).date())}
    period = period_or_none(code)
    if period is None:
        return text
    return text + gettext("（%(period)s，%(number)s）") % {"period": wording.period_name(period), "number": number}


def sheet(request: HttpRequest, secret: str) -> HttpResponse:
    """A result as .xlsx."""
    if request.method not in ("GET", "HEAD"):
        return errors.method_not_allowed(request, ("GET", "HEAD"))
    result = _shown(secret)
    if result is None:
        return render(request, "certificates/lists/gone.html", status=404)
    moment = f"{result.made_at:%Y-%m-%d %H:%M}"
    title = [
        gettext("名单核对结果") + f"  {result.reference}",
        result.as_of,
        gettext("核对时间：%(moment)s（北京时间）") % {"moment": moment},
        gettext("查询网站：%(host)s") % {"host": urlsplit(settings.SITE_ADDRESS).netloc},
        gettext("本表仅供参考，以网上查询结果为准。未查询到，不等于证书系伪造。"),
    ]
    columns = [
        SheetColumn(gettext("行"), 6),
        SheetColumn(gettext("姓名"), 14, is_text=True),
        SheetColumn(gettext("证件号码"), 24, is_text=True),
        SheetColumn(gettext("证书编号"), 24, is_text=True),
        SheetColumn(gettext("核对结果"), 22),
        SheetColumn(gettext("说明"), 60),
    ]
    rows = [
        (
            line.number,
            line.holder_name,
            line.masked_id,
            line.certificate_number,
            line.verdict.word,
            "\n".join(line.notes),
        )
        for line in result.rows
    ]
    content = SheetContent(gettext("名单核对结果"), columns, rows, [line for line in title if line])
    return _attachment(_workbook([content]), _XLSX, f"{result.reference}.xlsx")


def template(request: HttpRequest, kind: str) -> HttpResponse:
    """The template: a sheet whose cells keep numbers as text, or the header alone as .csv."""
    if request.method not in ("GET", "HEAD"):
        return errors.method_not_allowed(request, ("GET", "HEAD"))
    labels = [str(LABELS[name]) for name in FIELDS]
    if kind == "csv":
        # The mark tells spreadsheet programs that it is UTF-8.
        return _attachment(("\ufeff" + ",".join(labels) + "\r\n").encode(), "text/csv; charset=utf-8", "list.csv")
    columns = [SheetColumn(label, _WIDTHS[name], is_text=True) for label, name in zip(labels, FIELDS, strict=True)]
    empty = [("",) * len(columns)] * ROWS_AT_MOST
    notes = [
        (gettext("前三列必填，后三列可不填；填了就一并核对。"),),
        (gettext("一行一人，最多 200 行。号码各列已设为文本格式，请直接填写或只粘贴数值。"),),
        (gettext("表头不要改动，列的先后可以调换。"),),
    ]
    sheets = [
        SheetContent(gettext("名单"), columns, empty),
        SheetContent(gettext("说明"), [SheetColumn(gettext("填写说明"), 70)], notes),
    ]
    return _attachment(_workbook(sheets), _XLSX, "list.xlsx")


def _workbook(sheets: list[SheetContent]) -> bytes:
    stream = io.BytesIO()
    write_workbook(stream, sheets)
    return stream.getvalue()


def _attachment(content: bytes, content_type: str, name: str) -> HttpResponse:
    response = HttpResponse(content, content_type=content_type)
    response.headers["Content-Disposition"] = f'attachment; filename="{name}"'
    return response
