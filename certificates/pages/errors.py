"""Pages for what goes wrong, in the site's look. 500 and 503 are files, so that they need nothing that can be down."""

from django.conf import settings
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render

RETRY_AFTER_SECONDS = 60

_FILES = settings.BASE_DIR / "static" / "errors"
_SERVER_ERROR = (_FILES / "500.html").read_bytes()
_UNAVAILABLE = (_FILES / "503.html").read_bytes()


def bad_request(request: HttpRequest, exception: Exception | None = None) -> HttpResponse:
    """400."""
    return render(request, "400.html", status=400)


def forbidden(request: HttpRequest, exception: Exception | None = None, reason: str = "") -> HttpResponse:
    """403; also the staff site's CSRF failure."""
    return render(request, "403.html", status=403)


def not_found(request: HttpRequest, exception: Exception | None = None) -> HttpResponse:
    """404."""
    return render(request, "404.html", status=404)


def method_not_allowed(request: HttpRequest, allowed: tuple[str, ...]) -> HttpResponse:
    """405, with what is allowed."""
    response = render(request, "405.html", status=405)
    response.headers["Allow"] = ", ".join(allowed)
    return response


def too_large(request: HttpRequest) -> HttpResponse:
    """413."""
    return render(request, "413.html", status=413)


def server_error(request: HttpRequest) -> HttpResponse:
    """500, from a file."""
    return HttpResponse(_SERVER_ERROR, status=500)


def unavailable(request: HttpRequest) -> HttpResponse:
    """503 with Retry-After, from a file: the database can't answer."""
    return HttpResponse(_UNAVAILABLE, status=503, headers={"Retry-After": str(RETRY_AFTER_SECONDS)})
