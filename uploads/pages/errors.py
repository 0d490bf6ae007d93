"""Errors that only the staff site knows."""

from django.http import HttpRequest, HttpResponse

from uploads.pages.frame import render_open


def expired(request: HttpRequest, reason: str = "") -> HttpResponse:
    """CSRF_FAILURE_VIEW: the form's token doesn't fit, most often because the person has logged in anew meanwhile."""
    return render_open(request, "uploads/expired.html", status=403)
