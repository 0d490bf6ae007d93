"""What is sealed into a page opens for the purpose it was sealed for, and no two seals share a nonce."""

import os
import threading
from base64 import urlsafe_b64decode

from certificates.sealedquery import GOOD_FOR_SECONDS, Query, open_query, open_words, seal_query, seal_words

NOW = 1_800_000_000.0
NONCE_BYTES = 12
PURPOSE = b"a test"


def nonce_of(token: str) -> bytes:
    return urlsafe_b64decode(token)[:NONCE_BYTES]


def seal() -> bytes:
    return nonce_of(seal_words(PURPOSE, ["word"], NOW))


def test_a_query_opens_as_it_was_typed() -> None:
    query = Query(" 37990119700101001X ", "0715 0100 0110 0001")
    assert open_query(seal_query(query, NOW), NOW) == query


def test_what_was_sealed_for_one_purpose_opens_for_no_other() -> None:
    token = seal_words(PURPOSE, ["word"], NOW)
    assert open_words(PURPOSE, token, NOW) == ["word"]
    assert open_words(b"another", token, NOW) is None


def test_a_token_is_good_until_its_time_is_over() -> None:
    token = seal_words(PURPOSE, ["word"], NOW)
    assert open_words(PURPOSE, token, NOW + GOOD_FOR_SECONDS) == ["word"]
    assert open_words(PURPOSE, token, NOW + GOOD_FOR_SECONDS + 1) is None


def test_threads_that_seal_at_once_never_share_a_nonce() -> None:
    nonces: list[bytes] = []
    threads = [threading.Thread(target=lambda: nonces.extend(seal() for _ in range(500))) for _ in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(nonces) == 4000
    assert len(set(nonces)) == 4000


def test_a_forked_process_draws_nonces_of_its_own() -> None:
    seal()
    reading, writing = os.pipe()
    child = os.fork()
    if child == 0:
        os.write(writing, b"".join(seal() for _ in range(100)))
        os._exit(0)
    os.close(writing)
    with os.fdopen(reading, "rb") as pipe:
        drawn = pipe.read()
    os.waitpid(child, 0)
    theirs = {drawn[at : at + NONCE_BYTES] for at in range(0, len(drawn), NONCE_BYTES)}
    assert len(theirs) == 100
    assert theirs.isdisjoint({seal() for _ in range(100)})


def test_a_query_shows_neither_number_where_it_is_printed() -> None:
    assert repr(Query("37990119700101001X", "0715010001100001")) == "Query()"
