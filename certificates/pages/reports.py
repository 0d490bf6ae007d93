"""举报疑似假证: a form for anybody; what is left goes to the provincial centre alone."""

import time

from django.conf import settings
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils.translation import gettext

from certificates.forgeries import Report, Reported, Scanned, make_report, scan_photo
from certificates.lookup import provincial_contact
from certificates.pages import errors, numbers, wording
from certificates.pages.forms.enquiries import ReportForm
from certificates.randomcodes import RECEIPT_LENGTH, new_code, write_code
from certificates.sealedquery import open_words, seal_words

_RECEIPT = b"certlookup report"


def index(request: HttpRequest) -> HttpResponse:
    """The form, or that it was taken. A form that is sent twice is taken once."""
    if request.method in ("GET", "HEAD"):
        return _form_page(request, ReportForm())
    if request.method != "POST":
        return errors.method_not_allowed(request, ("GET", "HEAD", "POST"))
    if page := numbers.count_use_of(request, "report", settings.RATE_REPORTS):
        return page
    form = ReportForm(request.POST, request.FILES)
    if not form.is_valid():
        return _form_page(request, form)
    given = form.cleaned_data
    scanned = scan_photo(given["photo"]) if given["photo"] else Scanned.CLEAN
    if scanned is Scanned.INFECTED:
        form.add_error("photo", gettext("这个文件里查出了病毒，没有收下。请另选一张照片，或不附照片。"))
    elif scanned is Scanned.UNKNOWN:
        form.add_error("photo", gettext("现在不能查毒，照片没有收下。请不附照片提交，或一小时后再试。"))
    if scanned is not Scanned.CLEAN:
        return _form_page(request, form)
    words = open_words(_RECEIPT, request.POST.get("receipt", ""), time.time())
    receipt = words[0] if words else new_code(RECEIPT_LENGTH)
    reported = make_report(
        receipt=receipt,
        report=Report(given["certificate_number"], given["issuer"], given["account"], given["contact"]),
        photo=given["photo"],
    )
    context = {
        "receipt": write_code(receipt),
        "too_many": reported is Reported.TOO_MANY,
        "with_photo": given["photo"] is not None,
        "keep_days": wording.days(settings.ENQUIRY_KEEP_DAYS),
        "contact": provincial_contact(),
    }
    return render(request, "certificates/report_left.html", context)


def _form_page(request: HttpRequest, form: ReportForm) -> HttpResponse:
    context = {
        "form": form,
        "receipt": seal_words(_RECEIPT, [new_code(RECEIPT_LENGTH)], time.time()),
        "keep_days": wording.days(settings.ENQUIRY_KEEP_DAYS),
        "contact": provincial_contact(),
        "answers": request.method == "POST",
    }
    return render(request, "certificates/reports.html", context)
