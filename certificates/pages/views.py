"""The home page and the lookup: POST only, no session, no cookie, no CSRF token (nothing here is authorised by the browser)."""

import time
from collections.abc import Sequence
from datetime import datetime

from django.conf import settings
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.urls import reverse
from django.utils import timezone

from certificates import lookup as register
from certificates.certnumber import CertificateNumber
from certificates.forms import LookupForm, read_numbers
from certificates.held import Reference, reference
from certificates.idnumber import ParsedId
from certificates.limits import Pair
from certificates.load import tally
from certificates.pages import errors, numbers, overview, wording
from certificates.pages.forms.when import WhenForm
from certificates.pages.gate import Asked, Gate, limited_page, pass_gate
from certificates.pages.information import shown_notices
from certificates.pages.moulds import fill_template
from certificates.pages.result import ResultPage, result_page
from certificates.sealedquery import Query, open_query, seal_query
from certlookup.databases import data_as_of, primary_is_away, reads_register

# 2026-11-16 10:30, without the offset that follows.
_TO_THE_MINUTE = 16


def home(request: HttpRequest) -> HttpResponse:
    """The form, and what is published."""
    if request.method not in ("GET", "HEAD"):
        return errors.method_not_allowed(request, ("GET", "HEAD"))
    if primary_is_away():
        # Lookups are all that can be answered, so their form has to be had; everything that asks is told 503 all the same.
        response = _form_again(request, LookupForm(), lookups_only=True)
        return errors.unavailable_but(response)
    return _form_page(request, LookupForm())


def lookup(request: HttpRequest) -> HttpResponse:
    """Answer one lookup; a visitor who comes by GET (a bookmark, a reload) is led to the form."""
    if request.method in ("GET", "HEAD"):
        return HttpResponseRedirect(reverse("home"))
    if request.method != "POST":
        return errors.method_not_allowed(request, ("POST",))
    query = _query(request)
    if query is None:
        return _form_again(request, LookupForm(), expired=True)
    if request.POST.get("edit") == "1":
        return _form_again(request, LookupForm(initial=_typed(query)), query=query, editing=True)
    numbers_read = read_numbers(query.id_number, query.certificate_number)
    if numbers_read is None:
        return _form_again(request, LookupForm(_typed(query)), query=query)
    return _answer(request, query, *numbers_read)


def _query(request: HttpRequest) -> Query | None:
    """What was typed, from the fields or from an earlier answer's sealed query; None when that is too old."""
    if token := request.POST.get("query"):
        return open_query(token, time.time())
    return Query(*(request.POST.get(name, "").replace("\0", "\ufffd") for name in ("id_number", "certificate_number")))


def _typed(query: Query) -> dict[str, str]:
    return {"id_number": query.id_number, "certificate_number": query.certificate_number}


def _answer(request: HttpRequest, query: Query, id_number: ParsedId, number: CertificateNumber) -> HttpResponse:
    sealed = seal_query(query, time.time())
    question = register.question(id_number, number.text)
    pair = Pair(question.indexes[0], number.text)
    asked = Asked((pair,), carry={"query": sealed}, action=request.path, edit=True, along=question.select)
    gate = pass_gate(request, asked)
    if gate.page is not None:
        return gate.page
    return _tell(request, asked, gate, query, question=question, number=number)


@reads_register
def _tell(
    request: HttpRequest,
    asked: Asked,
    gate: Gate,
    query: Query,
    *,
    question: register.Question,
    number: CertificateNumber,
) -> HttpResponse:
    """The answer, every part of it from one server."""
    now = datetime.now(timezone.get_default_timezone())
    sealed = asked.carry["query"]
    outcome = register.find(question, now.date(), gate.judgement.read)
    if isinstance(outcome, register.NotFound):
        tally.missed(gate.address, number.text)
        if gate.beyond:
            return limited_page(request, asked, gate.judgement)
        return _not_found(request, _Told(sealed, now), number, outcome.known)
    tally.found()
    told = _Told(sealed, now)
    if isinstance(outcome, register.UnderReview):
        since = wording.day(timezone.localdate(outcome.since))
        context = {"query": sealed, "as_of": told.as_of, "responsible": outcome.responsible, "since": since}
        return render(request, "certificates/under_review.html", context)
    return _found(request, told, numbers.seal_found(query), result_page(outcome))


class _Told:
    """What every answer says: the sealed query, the time, and up to when the data are complete where they may be older."""

    def __init__(self, sealed: str, now: datetime) -> None:
        self.texts = [sealed, now.isoformat(" ", "minutes")[:_TO_THE_MINUTE], wording.as_of(data_as_of())]

    @property
    def as_of(self) -> str:
        return self.texts[2]

    @staticmethod
    def context(texts: Sequence[str]) -> dict[str, object]:
        return dict(zip(("query", "now", "as_of"), texts, strict=False))


def _found(request: HttpRequest, told: _Told, found: str, page: ResultPage) -> HttpResponse:
    return fill_template(
        request,
        "certificates/result.html",
        shape=(not told.as_of, page.shape()),
        texts=[*told.texts, found, *page.texts()],
        context=lambda texts: {
            **told.context(texts),
            "found": texts[3],
            "page": page.with_texts(texts[4:]),
            "own_host": overview.own_host(),
        },
    )


def _not_found(request: HttpRequest, told: _Told, number: CertificateNumber, known: Reference) -> HttpResponse:
    other_issuer = number.issuer_code is not None and number.issuer_code != settings.OWN_ISSUER_CODE
    issuer_code = number.issuer_code or "" if other_issuer else ""
    return fill_template(
        request,
        "certificates/not_found.html",
        shape=(not told.as_of, known, timezone.localdate(), not issuer_code),
        texts=[*told.texts, issuer_code],
        context=lambda texts: {
            **told.context(texts),
            "issuer_code": texts[3],
            "own_issuer_code": settings.OWN_ISSUER_CODE,
            "contact": register.provincial_contact(known),
            "coverage": overview.office_coverage(known),
            "next": overview.home_overview(known),
            "when": WhenForm(),
        },
    )


def _form_page(
    request: HttpRequest,
    form: LookupForm,
    *,
    query: Query | None = None,
    editing: bool = False,
    expired: bool = False,
    lookups_only: bool = False,
) -> HttpResponse:
    known = reference()
    context = {
        "form": form,
        "query": seal_query(query, time.time()) if query else "",
        "editing": editing,
        "expired": expired,
        "lookups_only": lookups_only,
        "overview": overview.home_overview(known),
        "notices": shown_notices(on_home=True),
        "coverage": overview.coverage_summary(known),
    }
    return render(request, "certificates/home.html", context)


# A lookup's own form, read where lookups are.
_form_again = reads_register(_form_page)
