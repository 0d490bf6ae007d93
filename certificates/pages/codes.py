"""核验码: the holder makes, sees and withdraws codes; whoever has one sees the certificate's live state."""

import time
from dataclasses import dataclass
from datetime import datetime

import segno
from django.conf import settings
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.urls import reverse
from django.utils import timezone
from django.utils.dateformat import format as format_date
from django.utils.safestring import SafeString, mark_safe
from django.utils.translation import get_language, gettext

from certificates import codes, lookup
from certificates.codes import CodeState, Made, OpenedCode
from certificates.lookup import Found, Revoked, UnderReview
from certificates.pages import errors, numbers, wording
from certificates.pages.forms.codes import CodeForm, CompareForm, NewCodeForm
from certificates.pages.gate import Asked, limited_page, pass_gate
from certificates.pages.numbers import Numbers
from certificates.pages.result import LABELS, ResultPage, Row, result_page
from certificates.randomcodes import CODE_LENGTH, new_code, read_code, write_code
from certificates.sealedquery import Query, open_words, seal_words
from certlookup.sitecontext import ENGLISH, ENGLISH_PREFIX

_SLIP = b"certlookup slip"
_COMPARE = b"certlookup compare"
_NOTHING = "–"


@dataclass(frozen=True, slots=True)
class ShownCode:
    """A live code in its holder's list."""

    id: int
    made: str
    expires: str


@dataclass(frozen=True, slots=True)
class Compared:
    """One field then and now."""

    label: str
    then: Row | None
    now: Row | None
    differs: bool


def index(request: HttpRequest) -> HttpResponse:
    """Where a code is typed in; by POST also the holder's own codes, with the token of a result."""
    if request.method in ("GET", "HEAD"):
        return render(request, "certificates/codes.html", {"form": CodeForm(), "own_host": numbers.own_host()})
    if request.method != "POST":
        return errors.method_not_allowed(request, ("GET", "HEAD", "POST"))
    if page := _count(request):
        return page
    if "found" in request.POST:
        return _manage(request)
    form = CodeForm(request.POST)
    if not form.is_valid():
        return render(request, "certificates/codes.html", {"form": form, "own_host": numbers.own_host()})
    if not form.cleaned_data["code"]:
        return _unknown(request)
    return HttpResponseRedirect(reverse("code", args=[write_code(form.cleaned_data["code"])]))


def _manage(request: HttpRequest, *, said: str = "", problem: str = "") -> HttpResponse:
    """The live codes of one certificate, and the form for a new one."""
    found = numbers.found_numbers_in(request)
    if found is None:
        return _expired(request)
    outcome = lookup.find(lookup.question(found.id_number, found.certificate_number.text), timezone.localdate())
    if not isinstance(outcome, Found | Revoked):
        return _expired(request, gone=True)
    live = codes.live_codes(found.id_number, found.certificate_number.text)
    context = {
        "query": found.seal(),
        "found": found.seal_found(),
        "slip": _seal_slip(found, new_code(CODE_LENGTH)),
        "name_parts": wording.name_parts(outcome.record.holder_name),
        "groups": wording.fours(outcome.record.certificate_number),
        "codes": [ShownCode(code.id, _moment(code.made_at), _moment(code.expires_at)) for code in live],
        "may_make": isinstance(outcome, Found) and len(live) < codes.MOST_LIVE,
        "is_valid": isinstance(outcome, Found),
        "most": codes.MOST_LIVE,
        "choices": [(days, wording.days(days)) for days in codes.DAYS],
        "said": said,
        "problem": problem,
    }
    return render(request, "certificates/code_manage.html", context)


def new(request: HttpRequest) -> HttpResponse:
    """Make a code and show its slip; the same form sent again shows the same slip."""
    if request.method != "POST":
        return _lead_back(request)
    if page := _count(request):
        return page
    opened = _opened_slip(request)
    if opened is None:
        return _expired(request)
    found, code = opened
    form = NewCodeForm(request.POST)
    if not form.is_valid():
        return _manage(request, problem=str(form.errors["days"][0]))
    made = codes.make_code(
        code=code,
        id_number=found.id_number,
        certificate_number=found.certificate_number.text,
        days=form.cleaned_data["days"],
    )
    if made is Made.TOO_MANY:
        return _manage(request, problem=gettext("有效的核验码已有 10 个，请先撤回不用的，再生成新的。"))
    return _slip(request, found, code)


def slip(request: HttpRequest) -> HttpResponse:
    """The slip again, in the other language."""
    if request.method != "POST":
        return _lead_back(request)
    opened = _opened_slip(request)
    return _expired(request) if opened is None else _slip(request, *opened)


def withdraw(request: HttpRequest) -> HttpResponse:
    """Withdraw one code."""
    if request.method != "POST":
        return _lead_back(request)
    if page := _count(request):
        return page
    found = numbers.found_numbers_in(request)
    if found is None:
        return _expired(request)
    code_id = request.POST.get("code_id", "")
    withdrawn = code_id.isascii() and code_id.isdigit() and len(code_id) < 19 and codes.withdraw_code(
        code_id=int(code_id), id_number=found.id_number, certificate_number=found.certificate_number.text
    )  # fmt: skip
    if withdrawn:
        return _manage(request, said=gettext("已撤回。用这个核验码的人现在只能看到“核验码已撤回”。"))
    return _manage(request, problem=gettext("这个核验码已经撤回或到期，没有再撤回的必要。"))


def code(request: HttpRequest, typed: str) -> HttpResponse:
    """What a code shows; by POST also whether an ID number is the certificate's."""
    if request.method not in ("GET", "HEAD", "POST"):
        return errors.method_not_allowed(request, ("GET", "HEAD", "POST"))
    if page := _count(request):
        return page
    plain = read_code(typed, CODE_LENGTH)
    opened = codes.open_code(plain, timezone.localdate()) if plain else None
    if opened is None or plain is None:
        return _unknown(request)
    if opened.state is not CodeState.LIVE:
        context = {
            "withdrawn": opened.state is CodeState.WITHDRAWN,
            "ended": _moment(opened.withdrawn_at or opened.expires_at),
            "made": _moment(opened.made_at),
        }
        return render(request, "certificates/code_over.html", context)
    return _live(request, plain, opened)


def _live(request: HttpRequest, plain: str, opened: OpenedCode) -> HttpResponse:
    context: dict[str, object] = {
        "code": write_code(plain),
        "made": _moment(opened.made_at),
        "expires": _moment(opened.expires_at),
        "now": timezone.localtime(),
        "own_host": numbers.own_host(),
        "code_url": reverse("code", args=[write_code(plain)]),
    }
    if isinstance(opened.now, UnderReview):
        context["since"] = wording.day(timezone.localdate(opened.now.since))
        context["responsible"] = opened.now.responsible
        return render(request, "certificates/code_review.html", context)
    if not isinstance(opened.now, Found | Revoked):
        return _unknown(request)
    form = CompareForm()
    if request.method == "POST":
        typed = _typed_to_compare(request)
        form = CompareForm({"id_number": typed})
        if form.is_valid():
            asked = Asked(
                (numbers.pair_of(form.cleaned_data["id_number"], opened.certificate_number),),
                carry={"compare": seal_words(_COMPARE, [typed], time.time())},
                action=reverse("code", args=[write_code(plain)]),
            )
            gate = pass_gate(request, asked)
            if gate.page is not None:
                return gate.page
            same = codes.has_id_number(opened.certificate_number, form.cleaned_data["id_number"])
            if not same and gate.beyond:
                return limited_page(request, asked, gate.judgement)
            context |= {"same_id": same, "compared": True}
            form = CompareForm()
    page = result_page(opened.now)
    context |= {"form": form, "page": page, "id_changed": opened.id_changed}
    if opened.then is not None and isinstance(opened.then, Found | Revoked):
        then = result_page(opened.then)
        context |= {"then": then, "compared_rows": _side_by_side(then, page, id_changed=opened.id_changed)}
    return render(request, "certificates/code.html", context)


def _typed_to_compare(request: HttpRequest) -> str:
    """The ID number from the field, or from the page of a challenge that came between."""
    if token := request.POST.get("compare"):
        return (open_words(_COMPARE, token, time.time()) or [""])[0]
    return request.POST.get("id_number", "").replace("\0", "\ufffd")


def _side_by_side(then: ResultPage, now: ResultPage, *, id_changed: bool) -> list[Compared]:
    """Every field that stands on either side, in the order of the paper certificate."""
    name = str(LABELS["holder_name"])
    compared = [
        Compared(
            name,
            Row("holder_name", name, then.holder_name, chinese=True),
            Row("holder_name", name, now.holder_name, chinese=True),
            then.holder_name != now.holder_name,
        )
    ]
    before = {row.field: row for row in then.rows}
    after = {row.field: row for row in now.rows}
    for field in [name for name in LABELS if name in before or name in after]:
        old, new_row = before.get(field), after.get(field)
        differs = (old.value if old else _NOTHING) != (new_row.value if new_row else _NOTHING)
        compared.append(Compared(str(LABELS[field]), old, new_row, id_changed if field == "id_number" else differs))
    return compared


def _slip(request: HttpRequest, found: Numbers, plain: str) -> HttpResponse:
    """核验单: once made, a code is on its slip alone."""
    opened = codes.open_code(plain, timezone.localdate())
    if opened is None or not isinstance(opened.now, Found):
        return _expired(request, gone=True)
    shown = write_code(plain)
    prefix = ENGLISH_PREFIX if get_language() == ENGLISH else ""
    address = f"{settings.SITE_ADDRESS}{prefix}/codes/{shown}/"
    context = {
        "slip": _seal_slip(found, plain),
        "found": found.seal_found(),
        "page": result_page(opened.now),
        "code": shown,
        "address": address,
        "qr": _qr(address),
        "own_host": numbers.own_host(),
        "made": _moment(opened.made_at),
        "expires": _moment(opened.expires_at),
    }
    return render(request, "certificates/code_slip.html", context)


def _qr(address: str) -> SafeString:
    """The address as an SVG without styles or scripts; segno writes nothing but its own shapes."""
    drawn = segno.make(address, error="m").svg_inline(
        scale=4, border=4, omitsize=True, light="#fff", dark="#000", svgclass="qr"
    )
    return mark_safe(drawn)  # noqa: S308


def _seal_slip(found: Numbers, plain: str) -> str:
    return seal_words(_SLIP, [found.query.id_number, found.query.certificate_number, plain], time.time())


def _opened_slip(request: HttpRequest) -> tuple[Numbers, str] | None:
    words = open_words(_SLIP, request.POST.get("slip", ""), time.time())
    if words is None:
        return None
    found = numbers.read_query(Query(words[0], words[1]))
    return None if found is None else (found, words[2])


def _expired(request: HttpRequest, *, gone: bool = False) -> HttpResponse:
    """The 15 minutes are over; or the certificate can't be found, or not now, under these numbers."""
    return render(request, "certificates/code_expired.html", {"gone": gone})


def _unknown(request: HttpRequest) -> HttpResponse:
    """404, the same for a code that never was and for one that was mistyped."""
    return render(request, "certificates/code_unknown.html", {"own_host": numbers.own_host()}, status=404)


def _count(request: HttpRequest) -> HttpResponse | None:
    return numbers.count_use_of(request, "code", settings.RATE_CODES)


def _lead_back(request: HttpRequest) -> HttpResponse:
    if request.method in ("GET", "HEAD"):
        return HttpResponseRedirect(reverse("codes"))
    return errors.method_not_allowed(request, ("POST",))


def _moment(value: datetime) -> str:
    """A time to the minute: 2026 年 11 月 16 日 9:30, 16 November 2026, 9:30."""
    return format_date(timezone.localtime(value), gettext("Y 年 n 月 j 日 H:i"))
