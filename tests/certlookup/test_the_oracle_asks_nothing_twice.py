"""What is asked to tell the causes of 'not found' apart is new in each request, so that the counters' work is the same."""

from itertools import chain

from tests.bench.oracle import requests
from tests.bench.pairs import certificate_number, id_number
from tests.bench.sizes import Sizes

SIZES = Sizes(pairs=3, oracle=20, certificates=2_000)


def test_no_number_and_no_address_comes_twice_in_any_round() -> None:
    asked = list(chain.from_iterable(requests(SIZES)))
    for values in (
        [one.id_number for one in asked],
        [one.certificate_number for one in asked],
        [one.address for one in asked],
    ):
        assert len(set(values)) == len(asked) == 3 * 3 * (20 + 30)


def test_each_cause_is_asked_as_it_is_called() -> None:
    persons = {id_number(place) for place in range(SIZES.certificates)}
    numbers = {certificate_number(place) for place in range(SIZES.certificates)}
    known = {
        (one.cause, one.id_number in persons, one.certificate_number in numbers)
        for one in chain.from_iterable(requests(SIZES))
    }
    assert known == {
        ("no such ID number", False, True),
        ("wrong certificate number", True, False),
        ("both unknown", False, False),
    }
