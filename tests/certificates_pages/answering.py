"""What answers a challenge: its question as a person reads it, its work as a browser does it."""

import hashlib
import re
from html import unescape

from django.http import HttpResponse
from django.test import Client

from certificates.challenge import read_answer
from tests.certificates_pages.reading import value_of

_KINDS = {
    "加": sum,
    "plus": sum,
    "减": lambda numbers: numbers[0] - numbers[1],
    "minus": lambda numbers: numbers[0] - numbers[1],
    "最大": max,
    "largest": max,
    "最小": min,
    "smallest": min,
}


def question_of(response: HttpResponse) -> str:
    found = re.search(r'<label for="id_answer">(.*?)</label>', response.content.decode())
    assert found is not None
    return unescape(found[1])


def answer_of(response: HttpResponse) -> str:
    """The answer to the page's question."""
    return answer_to(question_of(response))


def answer_to(question: str) -> str:
    """The answer to a question."""
    # "Which of these three numbers" names no number of the question.
    asked = question.split(":", maxsplit=1)[0]
    words = re.findall(r"[零一二三四五六七八九十]+(?=[加减等、，])|[a-z]+(?:-[a-z]+)?", asked)
    numbers = [number for word in words if (number := read_answer(word)) is not None]
    [kind] = [kind for kind in _KINDS if kind in question]
    return str(_KINDS[kind](numbers))


def proof_of(response: HttpResponse) -> str:
    """The counter that the browser's script finds."""
    given = dict(re.findall(r'data-(salt|target|rounds|most)="(.*?)"', response.content.decode()))
    for counter in range(1, int(given["most"]) + 1):
        made = hashlib.pbkdf2_hmac(
            "sha256",
            str(counter).encode(),
            bytes.fromhex(given["salt"]),
            int(given["rounds"]),
            len(given["target"]) // 2,
        )
        if made.hex() == given["target"]:
            return str(counter)
    raise AssertionError("there is no such counter")


def go_on(client: Client, response: HttpResponse, path: str = "/lookup/", **given: str) -> HttpResponse:
    """Send the challenge's form: answered, unless `given` says otherwise."""
    fields = {"query": value_of(response, "query"), "challenge": value_of(response, "challenge")}
    return client.post(path, fields | (given or {"answer": answer_of(response)}))
