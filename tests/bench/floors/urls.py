"""What the lookup page is measured against: as little as a lookup can be, and less.

The form is read and the ID number's index computed as in the page, since without them there is no SELECT.
"""

from django.db import connection, connections
from django.http import HttpRequest, HttpResponse
from django.urls import path

from certlookup.sealing import index_id
from certlookup.statements import array_text, run_prepared

_SELECT = "SELECT certificate_number FROM certificate WHERE certificate_number = %s AND id_index = ANY(%s)"
# As the limits count, with one key.
_UPSERT = """
    INSERT INTO rate_counter AS counter (key, count, expires_at) VALUES (%s, 1, now() + interval '1 minute')
    ON CONFLICT (key) DO UPDATE SET count = counter.count + 1 RETURNING count"""
_FOUND = b'<main data-outcome="found">' + b"." * 8192
_NOT_FOUND = b'<main data-outcome="not-found">'


def _answer(request: HttpRequest, *, count: bool) -> HttpResponse:
    person, number = request.POST["id_number"], request.POST["certificate_number"]
    with connection.cursor() as cursor:
        cursor.execute(_SELECT, [number, index_id(person)])
        found = cursor.fetchone()
        if count:
            cursor.execute(_UPSERT, [f"floor {number}"])
            cursor.fetchone()
    return HttpResponse(_FOUND if found else _NOT_FOUND)


def select_and_count(request: HttpRequest) -> HttpResponse:
    """(a) The one indexed SELECT and one upsert into an unlogged table."""
    return _answer(request, count=True)


def select_and_count_prepared(request: HttpRequest) -> HttpResponse:
    """The same by prepared statements on the pool's connection, as the page runs its own; no limit is promised against it."""
    person, number = request.POST["id_number"], request.POST["certificate_number"]
    indexes = array_text(f"\\x{index.hex()}" for index in index_id(person))
    found = run_prepared(connections["default"], _SELECT, [number, indexes])
    run_prepared(connections["default"], _UPSERT, [f"floor {number}"])
    return HttpResponse(_FOUND if found else _NOT_FOUND)


def select(request: HttpRequest) -> HttpResponse:
    """(b) The SELECT alone."""
    return _answer(request, count=False)


def constant(_: HttpRequest) -> HttpResponse:
    """(c) Nothing but the answer."""
    return HttpResponse(_FOUND)


urlpatterns = [
    path("a/", select_and_count),
    path("prepared/", select_and_count_prepared),
    path("b/", select),
    path("c/", constant),
]
