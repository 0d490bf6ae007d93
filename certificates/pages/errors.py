"""Pages for what goes wrong, in the site's look. 500 and 503 are files, so that they need nothing that can be down."""

import base64
import hashlib
from dataclasses import dataclass

from django.conf import settings
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render

RETRY_AFTER_SECONDS = 60

_FILES = settings.BASE_DIR / "static" / "errors"


@dataclass(frozen=True, slots=True)
class _StaticPage:
    """A page that needs nothing but itself. The policy allows its one <style> by digest, and no other."""

    content: bytes
    style_source: str

    @classmethod
    def read(cls, name: str) -> "_StaticPage":
        content = (_FILES / name).read_bytes()
        style = content.split(b"<style>")[1].split(b"</style>")[0]
        return cls(content, f"'sha256-{base64.b64encode(hashlib.sha256(style).digest()).decode()}'")

    def response(self, status: int) -> HttpResponse:
        response = HttpResponse(self.content, status=status)
        response._csp_update = {"style-src": [self.style_source]}  # type: ignore[attr-defined]
        return response


_SERVER_ERROR = _StaticPage.read("500.html")
_UNAVAILABLE = _StaticPage.read("503.html")


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
    return _SERVER_ERROR.response(500)


def unavailable_but(response: HttpResponse) -> HttpResponse:
    """503 with Retry-After, as a page that shows what can be done all the same."""
    response.status_code = 503
    response.headers["Retry-After"] = str(RETRY_AFTER_SECONDS)
    return response


def unavailable(request: HttpRequest) -> HttpResponse:
    """503 with Retry-After, from a file: the database can't answer."""
    response = _UNAVAILABLE.response(503)
    response.headers["Retry-After"] = str(RETRY_AFTER_SECONDS)
    return response
