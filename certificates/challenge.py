"""安全验证: what is asked of whoever is too often here. A question in text, or work that the browser does by itself.

Both stand in one sealed token, bound to what is asked for, good for 15 minutes and for one answer; limits.judge() counts
that answer, right or wrong, so that every process knows it. The work: find the counter from which PBKDF2 makes the given
bytes. Browsers derive keys as fast as anybody's program, so it costs a visitor seconds and a program no less; and its
end is known, so that nobody waits for luck.
"""

import hashlib
import os
import secrets
import unicodedata
from collections.abc import Callable
from dataclasses import dataclass, field

from django.conf import settings
from django.utils.translation import get_language, gettext

from certificates.sealedquery import open_words, seal_words

# PBKDF2's rounds of one derivation: long enough that the browser's own effort around each doesn't count.
ROUNDS = 2000
_NAME_BYTES = _SALT_BYTES = _TARGET_BYTES = 16
_PURPOSE = b"certlookup challenge"
_LONGEST_ANSWER = 40

_CHINESE = "零一二三四五六七八九"
_ENGLISH = [
    "zero",
    "one",
    "two",
    "three",
    "four",
    "five",
    "six",
    "seven",
    "eight",
    "nine",
    "ten",
    "eleven",
    "twelve",
    "thirteen",
    "fourteen",
    "fifteen",
    "sixteen",
    "seventeen",
    "eighteen",
    "nineteen",
]
_ENGLISH_TENS = ["twenty", "thirty", "forty", "fifty", "sixty", "seventy", "eighty", "ninety"]


@dataclass(frozen=True, slots=True)
class Challenge:
    """What the page shows: the question, and the work's terms (counters from 1 to at most `most`)."""

    token: str
    question: str
    salt: str
    target: str
    most: int
    rounds: int = ROUNDS


# Not frozen: each lookup makes one, and it would take three times as long.
@dataclass(slots=True)
class Examined:
    """An answer that came in. name: under which the token is used up, None for a token that is none (any longer)."""

    name: bytes | None = field(repr=False)
    right: bool
    by_question: bool


def chinese_number(number: int) -> str:
    """0 to 99 in Chinese words."""
    tens, ones = divmod(number, 10)
    if not tens:
        return _CHINESE[ones]
    return ("" if tens == 1 else _CHINESE[tens]) + "十" + (_CHINESE[ones] if ones else "")


def english_number(number: int) -> str:
    """0 to 99 in English words."""
    if number < len(_ENGLISH):
        return _ENGLISH[number]
    tens, ones = divmod(number, 10)
    return _ENGLISH_TENS[tens - 2] + (f"-{_ENGLISH[ones]}" if ones else "")


_WORDS = {word(number): number for number in range(100) for word in (chinese_number, english_number)}


def read_answer(text: str) -> int | None:
    """A number as people type it, in digits of any width or in words; None for anything else."""
    folded = unicodedata.normalize("NFKC", text).strip(" \t\r\n。.").lower()
    if len(folded) > _LONGEST_ANSWER:
        return None
    if folded.isascii() and folded.isdigit():
        return int(folded)
    return _WORDS.get(folded.replace(" ", "-") if folded.isascii() else folded)


def set_challenge(subject: bytes, *, work: int, now: float) -> Challenge:
    """Set one for whoever asks for `subject`; work is how many times the least work it costs."""
    question, answer = _question()
    least = settings.CHALLENGE_WORK * work
    most = 2 * least
    counter = least + secrets.randbelow(least + 1)
    salt = os.urandom(_SALT_BYTES)
    target = _derive(counter, salt)
    words = [os.urandom(_NAME_BYTES).hex(), _digest(subject), str(answer), str(counter)]
    token = seal_words(_PURPOSE, words, now)
    return Challenge(token, question, salt.hex(), target.hex(), most)


def examine(token: str, *, answer: str, proof: str, subject: bytes, now: float) -> Examined:
    """Whether the answer, or else the proof of work, is right for this token, this subject and this time."""
    words = open_words(_PURPOSE, token, now)
    if words is None:
        return Examined(None, right=False, by_question=False)
    name, bound_to, right_answer, counter = words
    bound = secrets.compare_digest(bound_to, _digest(subject))
    proven = secrets.compare_digest(proof.encode(), counter.encode())
    right = bound and (proven or read_answer(answer) == int(right_answer))
    return Examined(bytes.fromhex(name), right=right, by_question=not proven)


def _digest(subject: bytes) -> str:
    return hashlib.sha256(subject).hexdigest()


def _derive(counter: int, salt: bytes) -> bytes:
    return hashlib.pbkdf2_hmac("sha256", str(counter).encode(), salt, ROUNDS, _TARGET_BYTES)


def _question() -> tuple[str, int]:
    """A question in words that is read out as it is seen, and its answer."""
    word: Callable[[int], str] = english_number if get_language() == "en" else chinese_number
    first, second = 11 + secrets.randbelow(80), 2 + secrets.randbelow(8)
    kind = secrets.randbelow(4)
    if kind == 0:
        return gettext("%(first)s加%(second)s等于多少？") % {
            "first": word(first),
            "second": word(second),
        }, first + second
    if kind == 1:
        return gettext("%(first)s减%(second)s等于多少？") % {
            "first": word(first),
            "second": word(second),
        }, first - second
    three = secrets.SystemRandom().sample(range(10, 100), 3)
    numbers = {"numbers": gettext("、").join(map(word, three))}
    if kind == 2:
        return gettext("%(numbers)s，这三个数中最大的是多少？") % numbers, max(three)
    return gettext("%(numbers)s，这三个数中最小的是多少？") % numbers, min(three)
