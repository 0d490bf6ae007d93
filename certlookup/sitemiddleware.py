"""What happens to every request before and after its view, as little as possible on the public way.

Sessions, CSRF, login and messages act under /staff/ alone: on public pages nothing is authorised by the browser, and
they set no cookie.
"""

from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from typing import Any

from axes.middleware import AxesMiddleware
from csp.constants import HEADER
from csp.middleware import CSPMiddleware
from django.contrib.auth.middleware import AuthenticationMiddleware
from django.contrib.messages.middleware import MessageMiddleware
from django.contrib.sessions.middleware import SessionMiddleware
from django.core.exceptions import DisallowedHost, RequestDataTooBig
from django.core.handlers.exception import convert_exception_to_response
from django.core.signals import setting_changed
from django.db import InterfaceError, OperationalError
from django.http import (
    HttpRequest,
    HttpResponse,
    HttpResponseForbidden,
    HttpResponseNotAllowed,
    UnreadablePostError,
)
from django.http.response import HttpResponseBase, ResponseHeaders
from django.middleware.csrf import CsrfViewMiddleware
from django.urls import get_script_prefix, set_script_prefix
from django.utils import translation
from django.utils.module_loading import import_string
from django_otp.middleware import OTPMiddleware

from certlookup.databases import public_site
from certlookup.patience import little_patience
from certlookup.sitecontext import CHINESE, ENGLISH, ENGLISH_PREFIX, LARGE_PREFIX

STAFF_PREFIX = "/staff/"
# Whoever watches the servers asks each by its own address.
HEALTH_PATHS = ("/healthz", "/readyz")
# A lookup's two fields need a few hundred bytes.
PUBLIC_BODY_LIMIT = 64 * 1024
# Pages that take a file: its size, and what surrounds it in a form.
LONGER_BODIES = {"/lists/": 1200 * 1024, "/reports/": 6 * 1024 * 1024}


def _as_kept(headers: Mapping[str, str]) -> dict[str, tuple[str, str]]:
    """Headers as Django's answers keep them: looked through once, here."""
    return dict(ResponseHeaders(headers)._store)


def _set_missing(response: HttpResponse, headers: Mapping[str, tuple[str, str]]) -> None:
    """Set those that the answer hasn't. One by one, each is looked for in vain and looked through again, every time."""
    response.headers._store = {**headers, **response.headers._store}


_PERMISSIONS = (
    "accelerometer=(), camera=(), display-capture=(), geolocation=(), gyroscope=(), magnetometer=(), microphone=(),"
    " payment=(), usb=()"
)

_HEADERS = _as_kept(
    {
        "Cache-Control": "no-store",
        "Permissions-Policy": _PERMISSIONS,
        "Cross-Origin-Resource-Policy": "same-origin",
        "X-Frame-Options": "DENY",
    }
)
_PUBLIC_HEADERS = _HEADERS | _as_kept({"Referrer-Policy": "no-referrer"})
# By these an answer tells django-csp what it needs besides.
_OF_ITS_OWN = frozenset(("_csp_config", "_csp_update", "_csp_replace", "_csp_exempt"))

Next = Callable[[HttpRequest], HttpResponse]


def in_staff_site(request: HttpRequest) -> bool:
    """Whether the request is the staff site's."""
    return request.path_info.startswith(STAFF_PREFIX)


def _host_is_ours(request: HttpRequest) -> bool:
    """Whether the Host header is one of ALLOWED_HOSTS."""
    try:
        request.get_host()
    except DisallowedHost:
        return request.path_info in HEALTH_PATHS
    return True


@contextmanager
def _large_print(request: HttpRequest) -> Iterator[None]:
    """Under /large/ stands the whole public site again in large print: the same views, and links that stay there."""
    rest = request.path_info.removeprefix(LARGE_PREFIX)
    if rest == request.path_info or not rest.startswith("/") or rest.startswith(STAFF_PREFIX):
        yield
        return
    usual = get_script_prefix()
    request.path_info = rest
    request.large_print = True  # type: ignore[attr-defined]
    set_script_prefix(usual.rstrip("/") + LARGE_PREFIX + "/")
    try:
        yield
    finally:
        set_script_prefix(usual)


class SiteMiddleware:
    """Chooses language and database role by the path, sets the headers, and answers when the database can't.

    `ERRORS` names the module of the error pages by its path, so that this package needn't import an app.
    """

    ERRORS = "certificates.pages.errors"

    def __init__(self, get_response: Next) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        if not request.path_info.startswith(LARGE_PREFIX):
            return self._answer(request)
        with _large_print(request):
            return self._answer(request)

    def _answer(self, request: HttpRequest) -> HttpResponse:
        path = request.path_info
        english = path == ENGLISH_PREFIX or path.startswith(ENGLISH_PREFIX + "/")
        translation.activate(ENGLISH if english else CHINESE)
        headers = _HEADERS
        if not _host_is_ours(request):
            response = self._error_page("bad_request")(request)
        elif in_staff_site(request):
            response = self.get_response(request)
            if isinstance(response, HttpResponseNotAllowed):
                response = self._wrong_method(request, response)
        else:
            with public_site(), little_patience():
                response = self._answer_public(request)
            headers = _PUBLIC_HEADERS
        _set_missing(response, headers)
        return response

    def _wrong_method(self, request: HttpRequest, response: HttpResponseNotAllowed) -> HttpResponse:
        """Django's own 405 is an empty page."""
        page: Callable[[HttpRequest, tuple[str, ...]], HttpResponse] = import_string(
            f"{self.ERRORS}.method_not_allowed"
        )
        return page(request, tuple(response.headers["Allow"].split(", ")))

    def _answer_public(self, request: HttpRequest) -> HttpResponse:
        length = request.META.get("CONTENT_LENGTH") or "0"
        allowed = LONGER_BODIES.get(request.path_info.removeprefix(ENGLISH_PREFIX), PUBLIC_BODY_LIMIT)
        if not length.isdigit() or int(length) > allowed:
            return self._error_page("too_large")(request)
        return self.get_response(request)

    def process_exception(self, request: HttpRequest, exception: Exception) -> HttpResponse | None:
        """A database that can't answer is 503, never 'not found'; a body too large is 413, one that breaks off 400."""
        if isinstance(exception, OperationalError | InterfaceError):
            return self._error_page("unavailable")(request)
        if isinstance(exception, RequestDataTooBig):
            return self._error_page("too_large")(request)
        if isinstance(exception, UnreadablePostError):
            return self._error_page("bad_request")(request)
        return None

    def _error_page(self, name: str) -> Next:
        page: Next = import_string(f"{self.ERRORS}.{name}")
        return page


class SiteCspMiddleware(CSPMiddleware):
    """django-csp's, with the policy of ordinary answers made once: it is the same for all of them."""

    def __init__(self, get_response: Next) -> None:
        super().__init__(get_response)
        self._ordinary: str | None = None
        setting_changed.connect(self._forget, weak=True)

    def _forget(self, **_: object) -> None:
        self._ordinary = None

    def process_request(self, request: HttpRequest) -> None:
        """Make no nonce: no page has anything inline."""

    def process_response(self, request: HttpRequest, response: HttpResponseBase) -> HttpResponseBase:
        """Set the header; an answer that asks for more of its own goes the library's way."""
        if not _OF_ITS_OWN.isdisjoint(response.__dict__):
            return super().process_response(request, response)
        if self._ordinary is None:
            self._ordinary = super().process_response(request, HttpResponse()).headers[HEADER]
        response.headers.setdefault(HEADER, self._ordinary)
        return response


class StaffSiteMiddleware:
    """What acts under /staff/ alone, as one: sessions, CSRF, the person who is logged in and whether the second factor was
    shown, one-time messages, lock-out after failed logins. Outside the staff site it isn't there.
    """

    _CHAIN = (
        SessionMiddleware,
        CsrfViewMiddleware,
        AuthenticationMiddleware,
        OTPMiddleware,
        MessageMiddleware,
        AxesMiddleware,
    )

    def __init__(self, get_response: Next) -> None:
        self.get_response = get_response
        chain: Any = get_response
        for middleware in reversed(self._CHAIN):
            made = middleware(chain)
            if isinstance(made, CsrfViewMiddleware):
                self._csrf = made
            # As Django puts it around each of its own.
            chain = convert_exception_to_response(made)
        self._in_staff_site: Next = chain

    def __call__(self, request: HttpRequest) -> HttpResponse:
        return self._in_staff_site(request) if in_staff_site(request) else self.get_response(request)

    def process_view(
        self, request: HttpRequest, callback: Any, callback_args: Any, callback_kwargs: Any
    ) -> HttpResponseForbidden | None:
        """Check the CSRF token, in the staff site."""
        if not in_staff_site(request):
            return None
        return self._csrf.process_view(request, callback, callback_args, callback_kwargs)
