"""The two numbers on a page that follows an answer, taken out of what the answer sealed.

A sealed query is on every answer, also where nothing was looked up yet. That a certificate was found by both numbers
says a token of another purpose, on results alone: what it leads to isn't counted as a lookup again, so that whoever
guesses at somebody's numbers doesn't shut their holder out of it.
"""

import time
from dataclasses import dataclass
from urllib.parse import urlsplit

from django.conf import settings
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render

from certificates.certnumber import CertificateNumber
from certificates.flooding import count_use
from certificates.forms import LookupForm
from certificates.idnumber import ParsedId
from certificates.limits import Pair
from certificates.lookup import provincial_contact
from certificates.sealedquery import Query, open_query, open_words, seal_query, seal_words
from certlookup.clientaddress import client_address
from certlookup.sealing import index_id

_FOUND = b"certlookup found"


@dataclass(frozen=True, slots=True)
class Numbers:
    """The two numbers, read, and as they were typed."""

    query: Query
    id_number: ParsedId
    certificate_number: CertificateNumber

    def seal(self) -> str:
        """Sealed anew for the next page."""
        return seal_query(self.query, time.time())

    def seal_found(self) -> str:
        """Sealed anew as two numbers that found a certificate."""
        return seal_found(self.query)


def seal_found(query: Query) -> str:
    """Seal two numbers that found a certificate just now."""
    return seal_words(_FOUND, [query.id_number, query.certificate_number], time.time())


def found_numbers_in(request: HttpRequest) -> Numbers | None:
    """The two numbers that found a certificate, from a result's form; None when that was too long ago, or never."""
    words = open_words(_FOUND, request.POST.get("found", ""), time.time())
    return read_query(None if words is None else Query(*words))


def read_query(query: Query | None) -> Numbers | None:
    """Both numbers of a query; None where there is none or a number has a wrong form."""
    if query is None:
        return None
    form = LookupForm({"id_number": query.id_number, "certificate_number": query.certificate_number})
    if not form.is_valid():
        return None
    return Numbers(query, form.cleaned_data["id_number"], form.cleaned_data["certificate_number"])


def numbers_in(request: HttpRequest) -> Numbers | None:
    """Both numbers of the sealed query in a form; None when it is too old or none."""
    token = request.POST.get("query", "")
    return read_query(open_query(token, time.time())) if token else None


def count_use_of(request: HttpRequest, kind: str, rate: str) -> HttpResponse | None:
    """Count one use of a kind by the visitor's address; 429 with Retry-After beyond the rate, else None."""
    limited = count_use(kind=kind, address=client_address(request.META), rate=rate)
    if limited is None:
        return None
    context = {"minutes": -(-limited.retry_after // 60), "contact": provincial_contact()}
    response = render(request, "certificates/too_often.html", context, status=429)
    response.headers["Retry-After"] = str(limited.retry_after)
    return response


def pair_of(id_number: ParsedId, certificate_number: str) -> Pair:
    """What the gate counts one use of two numbers under."""
    return Pair(index_id(id_number.canonical)[0], certificate_number)


def own_host() -> str:
    """The site's own domain, as slips and warnings name it."""
    return urlsplit(settings.SITE_ADDRESS).netloc
