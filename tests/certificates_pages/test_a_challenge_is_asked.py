"""Whoever is too often here passes a challenge; who has the right pair is never shut out by whoever guesses."""

import threading

import pytest
from django.db import connections
from django.test import Client
from pytest_django.fixtures import Settings

from certificates.challenge import _derive, chinese_number, english_number, examine, read_answer, set_challenge
from tests.certificates_pages.answering import answer_of, go_on, proof_of, question_of
from tests.certificates_pages.reading import ABSENT_ID, ABSENT_NUMBER, look_up, publish, read, value_of
from tests.databases import Copy
from tests.make import make_id_number, make_row


@pytest.fixture
def tight(settings: Settings) -> Settings:
    """Two a day are free, ten are the limit."""
    settings.RATE_ADDRESS = settings.RATE_ID = settings.RATE_CERTIFICATE = "10/d"
    settings.CHALLENGE_WORK = 4
    return settings


def at(place: int) -> Client:
    return Client(REMOTE_ADDR=f"203.0.113.{place}")


@pytest.mark.django_db
def test_beyond_the_first_threshold_a_question_stands_before_the_answer(tight: Settings, client: Client) -> None:
    [pair] = publish()
    asked = [look_up(client, pair.id_number, pair.certificate_number) for _ in range(3)]
    assert [read(page).outcome for page in asked] == ["found", "found", "challenge"]
    page = asked[-1]
    assert (page.status_code, value_of(page, "proof")) == (200, "")
    assert pair.id_number not in page.content.decode()
    assert read(go_on(client, page)).outcome == "found"


@pytest.mark.django_db
def test_an_answer_counts_once_and_a_wrong_one_uses_the_question_up(tight: Settings, client: Client) -> None:
    [pair] = publish()
    page = [look_up(client, pair.id_number, pair.certificate_number) for _ in range(3)][-1]
    assert read(go_on(client, page, answer="7777")).outcome == "challenge"
    again = go_on(client, page)
    assert read(again).outcome == "challenge"
    assert "这是一道新的题" in read(again).text
    assert value_of(again, "challenge") != value_of(page, "challenge")
    assert read(go_on(client, again)).outcome == "found"
    assert read(go_on(client, again)).outcome == "challenge"


@pytest.mark.django_db
def test_a_challenge_holds_for_its_own_pair_alone(tight: Settings, client: Client) -> None:
    mine, other = publish(make_row(seed=1), make_row(seed=2))
    page = [look_up(client, mine.id_number, mine.certificate_number) for _ in range(3)][-1]
    foreign = {"challenge": value_of(page, "challenge"), "answer": answer_of(page)}
    assert read(look_up(client, other.id_number, other.certificate_number, **foreign)).outcome == "challenge"
    for broken in ("", "x", "AAAA", value_of(page, "challenge")[:-6] + "AAAAA="):
        given = {"challenge": broken, "answer": "1"}
        assert read(look_up(client, mine.id_number, mine.certificate_number, **given)).outcome == "challenge"


def test_a_challenge_is_good_for_fifteen_minutes_and_its_own_subject() -> None:
    challenge = set_challenge(b"mine", work=1, now=1000.0)
    counter = next(
        str(counter)
        for counter in range(1, challenge.most + 1)
        if _derive(counter, bytes.fromhex(challenge.salt)).hex() == challenge.target
    )

    def is_right(*, now: float = 1900.0, subject: bytes = b"mine", proof: str = counter) -> bool:
        return examine(challenge.token, answer="", proof=proof, subject=subject, now=now).right

    assert is_right()
    assert not is_right(now=1901.0)
    assert not is_right(now=999.0)
    assert not is_right(subject=b"other")
    assert not is_right(proof="0")
    assert not is_right(proof="")


@pytest.mark.django_db
def test_the_browsers_work_passes_without_an_answer(tight: Settings, client: Client) -> None:
    [pair] = publish()
    tight.RATE_QUESTIONS = "1/d"
    page = [look_up(client, pair.id_number, pair.certificate_number) for _ in range(3)][-1]
    assert read(go_on(client, page, proof=proof_of(page))).outcome == "found"
    page = look_up(client, pair.id_number, pair.certificate_number)
    assert read(go_on(client, page)).outcome == "found"
    # One answer in text is all that this address may give; work goes on.
    page = look_up(client, pair.id_number, pair.certificate_number)
    refused = go_on(client, page)
    assert (refused.status_code, int(refused["Retry-After"]) > 0) == (429, True)
    assert read(go_on(client, refused, proof=proof_of(refused))).outcome == "found"


@pytest.mark.django_db
@pytest.mark.parametrize("at_home", [True, False], ids=["from the same address", "from another address"])
def test_who_guesses_at_one_person_never_shuts_the_holder_out(tight: Settings, at_home: bool) -> None:
    [pair] = publish()
    guesser, holder = at(1), at(1 if at_home else 2)
    tried = [look_up(guesser, pair.id_number, f"{815_012_003_400_101 + place:016d}") for place in range(25)]
    assert [page.status_code for page in tried[10:]] == [429] * 15
    work = {int(page.content.decode().split('data-most="')[1].split('"')[0]) for page in tried[10:]}
    assert len(work) > 1, "the longer it goes on, the more work it is"
    # A guess costs a challenge and gives nothing but 429 ...
    guess = go_on(guesser, tried[-1])
    assert (guess.status_code, read(guess).outcome) == (429, "limited")
    # ... and the right pair is answered.
    page = look_up(holder, pair.id_number, pair.certificate_number)
    assert (page.status_code, int(page["Retry-After"]) > 0) == (429, True)
    assert read(go_on(holder, page)).outcome == "found"


@pytest.mark.django_db
def test_the_question_is_asked_in_english_too(tight: Settings, client: Client) -> None:
    page = [look_up(client, ABSENT_ID, ABSENT_NUMBER) for _ in range(3)][-1]
    english = client.post("/en/lookup/", {"query": value_of(page, "query")})
    assert read(english).outcome == "challenge"
    assert question_of(english).isascii()
    assert read(go_on(client, english, "/en/lookup/")).outcome == "not-found"


def test_answers_are_read_in_digits_and_in_words() -> None:
    for number in range(100):
        for text in (str(number), chinese_number(number), english_number(number), f" {number}。"):
            assert read_answer(text) == number
    assert (read_answer("４２"), read_answer("Forty two"), read_answer("x"), read_answer("")) == (42, 42, None, None)


def test_one_answer_sent_by_many_at_once_passes_once(fresh_database: Copy, settings: Settings) -> None:
    settings.CHALLENGE_ID = 1
    client = Client()
    for _ in range(2):
        page = look_up(client, ABSENT_ID, ABSENT_NUMBER)
    outcomes: list[str | None] = []
    start = threading.Barrier(6)

    def send() -> None:
        start.wait()
        outcomes.append(read(go_on(Client(), page)).outcome)
        connections.close_all()

    senders = [threading.Thread(target=send) for _ in range(6)]
    for sender in senders:
        sender.start()
    for sender in senders:
        sender.join()
    assert sorted(map(str, outcomes)) == ["challenge"] * 5 + ["not-found"]


@pytest.mark.django_db
def test_a_household_passes_by_its_own_numbers(tight: Settings) -> None:
    # The third household member, with numbers that nobody asked for, is only asked since the address was busy.
    for place in range(2):
        assert read(look_up(at(9), make_id_number(seed=place), ABSENT_NUMBER)).outcome == "not-found"
    page = look_up(at(9), make_id_number(seed=50), "0815012003400777")
    assert read(page).outcome == "challenge"
