"""What django-axes asks this site: where a request comes from, under which name it is counted, what the visitor sees.

Failures count by staff number and address. A whole office may share one address, so a browser in which the person has
logged in before is counted by itself: guessing at the next desk doesn't shut the person out.
"""

import re
from datetime import timedelta

from django.conf import settings
from django.core import signing
from django.http import HttpRequest, HttpResponse
from django.utils.crypto import get_random_string

from uploads.models import Person
from uploads.pages.frame import address_of
from uploads.people.lockout import address_for_lockout

# Fourteen digits in a row are an ID number in the wrong field.
STAFF_NUMBER = re.compile(r"(?!.*[0-9]{14})[0-9A-Z-]{3,20}")
KNOWN_BROWSER = "known_browser"
KNOWN_FOR = timedelta(days=180)
_SALT = "uploads.pages.known_browser"


def address(request: HttpRequest) -> str | None:
    """AXES_CLIENT_IP_CALLABLE: the same address as in the audit and in the limits."""
    return address_for_lockout(address_of(request))


def counted_as(request: HttpRequest, staff_number: str) -> str:
    """The name a login is counted under: the staff number, and the browser if it is known as that person's.

    What doesn't look like a staff number isn't kept: people type passwords and ID numbers into the wrong field.
    """
    if not STAFF_NUMBER.fullmatch(staff_number):
        return ""
    try:
        known = signing.loads(request.COOKIES.get(KNOWN_BROWSER, ""), salt=_SALT, max_age=KNOWN_FOR)
    except signing.BadSignature:
        return staff_number
    return f"{staff_number} {known['browser']}" if known["staff_number"] == staff_number else staff_number


def username(request: HttpRequest, credentials: dict[str, str] | None) -> str:
    """AXES_USERNAME_CALLABLE."""
    return counted_as(request, (credentials or {}).get("staff_number") or "")


def remember_browser(request: HttpRequest, response: HttpResponse, person: Person) -> None:
    """Mark the browser as one in which the person has logged in with both factors; it opens nothing by itself."""
    if " " in counted_as(request, person.staff_number):
        return
    response.set_cookie(
        KNOWN_BROWSER,
        signing.dumps({"staff_number": person.staff_number, "browser": get_random_string(12)}, salt=_SALT),
        max_age=KNOWN_FOR,
        path=settings.SESSION_COOKIE_PATH,
        secure=settings.SESSION_COOKIE_SECURE,
        httponly=True,
        samesite="Strict",
    )


def keep_answer(request: HttpRequest, response: HttpResponse, credentials: object) -> HttpResponse:
    """AXES_LOCKOUT_CALLABLE: the login page has already said until when."""
    return response
