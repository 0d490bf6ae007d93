"""The gate before every answer about somebody: free, a challenge, or 'later'. Lookups, codes and lists all pass here."""

import hashlib
import time
from collections.abc import Mapping, Sequence
from typing import NamedTuple

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils.translation import gettext

from certificates.challenge import Challenge, Examined, examine, set_challenge
from certificates.limits import Judgement, Pair, Standing, judge
from certificates.load import tally
from certlookup.clientaddress import client_address
from certlookup.statements import Select


class Asked(NamedTuple):
    """What a request asks for.

    pairs: each costs one lookup. carry: hidden fields that make the same request again, without anything personal in
    clear. action: where the request goes. title: what is asked for, above the challenge. edit: whether edit=1 leads back
    to the form with what was typed. along: what will be read for the answer, so that counting and reading are one.
    """

    pairs: Sequence[Pair]
    carry: Mapping[str, str]
    action: str
    edit: bool = False
    along: Select | None = None


class Gate(NamedTuple):
    """What became of a request.

    page: to be returned instead of an answer; None where the request may be answered. beyond: places of pairs of which
    only a right one is answered; for a wrong one the answer is limited_page(), so that whoever has the right pair is
    never shut out by whoever guesses.
    """

    page: HttpResponse | None
    beyond: frozenset[int]
    address: str
    judgement: Judgement


def pass_gate(request: HttpRequest, asked: Asked) -> Gate:
    """Count the request and judge it by what came along. Raises the database's errors when the database is gone."""
    address = client_address(request.META)
    examined = Examined(None, right=False, by_question=False)
    if token := request.POST.get("challenge"):
        examined = examine(
            token,
            answer=request.POST.get("answer", ""),
            proof=request.POST.get("proof", ""),
            subject=_subject(asked),
            now=time.time(),
        )
    judgement = judge(
        address=address,
        pairs=asked.pairs,
        token=examined.name,
        by_question=examined.right and examined.by_question,
        along=asked.along,
    )
    passed = examined.right and judgement.token_counts and judgement.questions_left
    if judgement.standing is Standing.FREE or passed:
        everything = judgement.standing is Standing.LIMITED
        beyond = frozenset(range(len(asked.pairs))) if everything else judgement.pairs_beyond
        return Gate(None, beyond, address, judgement)
    if judgement.standing is Standing.LIMITED or not judgement.questions_left:
        page = limited_page(request, asked, judgement)
    else:
        tally.challenged()
        context = _context(request, asked, judgement) | {"wrong": bool(token)}
        page = render(request, "certificates/challenge.html", context)
    return Gate(page, frozenset(), address, judgement)


def limited_page(request: HttpRequest, asked: Asked, judgement: Judgement) -> HttpResponse:
    """429 with Retry-After, and the challenge for whoever has the right pair."""
    tally.limited()
    context = _context(request, asked, judgement) | {"minutes": -(-judgement.retry_after // 60)}
    response = render(request, "429.html", context, status=429)
    response.headers["Retry-After"] = str(judgement.retry_after)
    return response


def _context(request: HttpRequest, asked: Asked, judgement: Judgement) -> dict[str, object]:
    challenge: Challenge = set_challenge(_subject(asked), work=judgement.work, now=time.time())
    return {
        "challenge": challenge,
        "carry": dict(asked.carry),
        "action": asked.action,
        "edit": asked.edit,
        "is_list": len(asked.pairs) > 1,
        "working": gettext("浏览器正在自动验证，已完成 {percent}%。完成后会自动继续，也可以直接回答问题。"),
        "worked": gettext("验证已完成，正在继续。"),
    }


def _subject(asked: Asked) -> bytes:
    """What a challenge is bound to: these pairs and no others."""
    told = hashlib.sha256(asked.action.removeprefix("/en").encode())
    for pair in asked.pairs:
        told.update(pair.id_index + pair.certificate_number.encode() + b"\0")
    return told.digest()
