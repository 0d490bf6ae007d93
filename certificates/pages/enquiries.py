"""查不到证书登记 (R4): the holder leaves an enquiry, gets its receipt number, and reads the answer by it and the ID number."""

import json
import time
from collections.abc import Mapping

from django.conf import settings
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.urls import reverse
from django.utils import timezone

from certificates import enquiries, masking
from certificates.enquiries import Left, Person
from certificates.lookup import provincial_contact
from certificates.pages import errors, numbers, wording
from certificates.pages.forms.enquiries import EnquiryForm, ProgressForm
from certificates.pages.gate import Asked, pass_gate
from certificates.pages.numbers import Numbers
from certificates.randomcodes import RECEIPT_LENGTH, new_code, write_code
from certificates.sealedquery import Query, open_query, open_words, seal_words

_FILLED = b"certlookup enquiry"
_RECEIPT = b"certlookup receipt"
_PROGRESS = b"certlookup progress"
# What is carried through a challenge.
_FIELDS = (
    "id_number",
    "certificate_number",
    "name",
    "office",
    "received_on",
    "issued_on",
    "contact",
    "note",
    "query",
    "receipt",
)


def index(request: HttpRequest) -> HttpResponse:
    """The form; by POST from an answer it has the two numbers already, by POST with a name it is left with us."""
    if request.method in ("GET", "HEAD"):
        return _form_page(request, EnquiryForm(with_numbers=True), None)
    if request.method != "POST":
        return errors.method_not_allowed(request, ("GET", "HEAD", "POST"))
    sent = _sent(request)
    if sent is None:
        return _form_page(request, EnquiryForm(with_numbers=True), None, expired=True)
    found = numbers.read_query(open_query(sent.get("query", ""), time.time()))
    if "name" not in sent:
        return _form_page(request, EnquiryForm(with_numbers=found is None), found)
    form = EnquiryForm(sent, with_numbers=found is None)
    if not form.is_valid():
        return _form_page(request, form, found, receipt=sent.get("receipt", ""))
    if found is None:
        query = Query(sent.get("id_number", ""), sent.get("certificate_number", ""))
        found = Numbers(query, form.cleaned_data["id_number"], form.cleaned_data["certificate_number"])
    return _leave(request, sent, form, found)


def _sent(request: HttpRequest) -> Mapping[str, str] | None:
    """The form's fields, also where a challenge came between; None when that was too long ago."""
    if token := request.POST.get("filled"):
        words = open_words(_FILLED, token, time.time())
        return None if words is None else dict(json.loads(words[0]))
    return {name: request.POST[name].replace("\0", "\ufffd") for name in _FIELDS if name in request.POST}


def _leave(request: HttpRequest, sent: Mapping[str, str], form: EnquiryForm, found: Numbers) -> HttpResponse:
    if page := numbers.count_use_of(request, "enquiry", settings.RATE_ENQUIRIES):
        return page
    asked = Asked(
        (numbers.pair_of(found.id_number, found.certificate_number.text),),
        carry={"filled": seal_words(_FILLED, [json.dumps(dict(sent))], time.time())},
        action=reverse("enquiries"),
    )
    gate = pass_gate(request, asked)
    if gate.page is not None:
        return gate.page
    given = form.cleaned_data
    words = open_words(_RECEIPT, sent.get("receipt", ""), time.time())
    receipt = words[0] if words else new_code(RECEIPT_LENGTH)
    left = Left.TAKEN
    while left is Left.TAKEN:
        left = enquiries.make_enquiry(
            receipt=receipt,
            id_number=found.id_number,
            certificate_number=found.certificate_number.text,
            office=given["office"].code if given["office"] else None,
            received_on=given["received_on"],
            issued_on=given["issued_on"],
            person=Person(given["name"], given["contact"], given["note"]),
        )
        made = receipt
        receipt = new_code(RECEIPT_LENGTH)
    if left is not Left.MADE:
        context = {"found": left is Left.FOUND, "query": found.seal(), "contact": provincial_contact()}
        return render(request, "certificates/enquiry_not_left.html", context)
    token = seal_words(_PROGRESS, [made, found.query.id_number], time.time())
    return render(request, "certificates/enquiry_left.html", _left(made, token))


def _left(receipt: str, token: str) -> dict[str, object]:
    return {
        "receipt": write_code(receipt),
        "carry": {"progress": token, "made": "1"},
        "days": wording.days(settings.ENQUIRY_DAYS),
        "keep_days": wording.days(settings.ENQUIRY_KEEP_DAYS),
        "own_host": numbers.own_host(),
    }


def answer(request: HttpRequest) -> HttpResponse:
    """What became of an enquiry."""
    if request.method in ("GET", "HEAD"):
        return HttpResponseRedirect(reverse("enquiries") + "#progress")
    if request.method != "POST":
        return errors.method_not_allowed(request, ("GET", "HEAD", "POST"))
    if page := numbers.count_use_of(request, "enquiry-answer", settings.RATE_ENQUIRIES):
        return page
    typed = {name: request.POST.get(name, "").replace("\0", "\ufffd") for name in ("receipt", "id_number")}
    if token := request.POST.get("progress"):
        words = open_words(_PROGRESS, token, time.time())
        if words is None:
            return _form_page(request, EnquiryForm(with_numbers=True), None, expired=True)
        typed = {"receipt": words[0], "id_number": words[1]}
        if request.POST.get("made"):
            # The page after leaving it, in the other language.
            return render(
                request, "certificates/enquiry_left.html", _left(words[0], seal_words(_PROGRESS, words, time.time()))
            )
    form = ProgressForm(typed)
    if not form.is_valid():
        return _form_page(request, EnquiryForm(with_numbers=True), None, progress=form)
    receipt = form.cleaned_data["receipt"]
    progress = enquiries.read_enquiry(receipt, form.cleaned_data["id_number"]) if receipt else None
    context: dict[str, object] = {"progress": progress, "contact": provincial_contact()}
    if progress is not None:
        context |= {
            "token": seal_words(_PROGRESS, [receipt, typed["id_number"]], time.time()),
            "receipt": write_code(receipt),
            "created": wording.day(timezone.localdate(progress.created_at)),
            "answered": wording.day(timezone.localdate(progress.answered_at)) if progress.answered_at else "",
            "closed": wording.day(timezone.localdate(progress.closed_at)) if progress.closed_at else "",
            "published": wording.day(progress.published_on) if progress.published_on else "",
            "keep_days": wording.days(settings.ENQUIRY_KEEP_DAYS),
            "days": wording.days(settings.ENQUIRY_DAYS),
        }
    return render(request, "certificates/enquiry_progress.html", context)


def _form_page(
    request: HttpRequest,
    form: EnquiryForm,
    found: Numbers | None,
    *,
    receipt: str = "",
    progress: ProgressForm | None = None,
    expired: bool = False,
) -> HttpResponse:
    context: dict[str, object] = {
        "form": form,
        "progress": progress or ProgressForm(),
        "expired": expired,
        "receipt": receipt or seal_words(_RECEIPT, [new_code(RECEIPT_LENGTH)], time.time()),
        "contact": provincial_contact(),
        "keep_days": wording.days(settings.ENQUIRY_KEEP_DAYS),
        "answers": request.method == "POST",
    }
    if found is not None:
        context |= {
            "query": found.seal(),
            "groups": wording.fours(found.certificate_number.text),
            "masked_id": wording.masked_groups(masking.mask_id(found.id_number.canonical)),
        }
    return render(request, "certificates/enquiries.html", context)
