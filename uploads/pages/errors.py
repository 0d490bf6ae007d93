"""Errors that only the staff site knows."""

from django.http import HttpRequest, HttpResponse

from uploads.pages.frame import record_refusal, render_open, signed_in_person


def expired(request: HttpRequest, reason: str = "") -> HttpResponse:
    """CSRF_FAILURE_VIEW: the form's token doesn't fit, most often because the person has logged in anew meanwhile.

    Recorded where someone is signed in, whose browser another site may have used.
    """
    person = signed_in_person(request)
    if person is not None:
        record_refusal(request, person, "form_is_not_ours")
    return render_open(request, "uploads/expired.html", status=403)
