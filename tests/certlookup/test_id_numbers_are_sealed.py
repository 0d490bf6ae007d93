"""Sealing: the standards' known answers, and what the stored bytes do and don't give away."""

import pytest
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.ciphers import AEADEncryptionContext, Cipher
from cryptography.hazmat.primitives.ciphers.algorithms import SM4
from cryptography.hazmat.primitives.ciphers.modes import GCM
from django.core.exceptions import ImproperlyConfigured

from certlookup.sealing import SealedId, SealingError, commit, index_id, read_keys, seal_id, unseal_id
from tests.make import make_id_number

OLD, NEW = f"1:sm:{'11' * 32}", f"2:aes:{'22' * 32}"


@pytest.fixture
def keys(settings: object) -> object:
    """Two versions of the key, of which the second seals."""
    settings.CERTLOOKUP_KEYS = f"{OLD},{NEW}"  # type: ignore[attr-defined]
    return settings


def test_sm3_gives_the_known_answer_of_gb_t_32905() -> None:
    digest = hashes.Hash(hashes.SM3())
    digest.update(b"abc")
    assert digest.finalize().hex() == "66c7f0f462eeedd9d1f2d46bdc10e4e24167c4875cf2f7a2297da02b8f4ba8e0"


def test_sm4_gcm_gives_the_known_answer_of_rfc_8998() -> None:
    cipher = Cipher(
        SM4(bytes.fromhex("0123456789abcdeffedcba9876543210")), GCM(bytes.fromhex("00001234567800000000abcd"))
    ).encryptor()
    assert isinstance(cipher, AEADEncryptionContext)
    cipher.authenticate_additional_data(bytes.fromhex("feedfacedeadbeeffeedfacedeadbeefabaddad2"))
    plain = "".join(letter * 16 for letter in "abcdefea")
    sealed = cipher.update(bytes.fromhex(plain)) + cipher.finalize()
    assert sealed.hex() == (
        "17f399f08c67d5ee19d0dc9969c4bb7d5fd46fd3756489069157b282bb200735"
        "d82710ca5c22f0ccfa7cbf93d496ac15a56834cbcf98c397b4024a2691233b8d"
    )
    assert cipher.tag.hex() == "83de3541e4c2b58177e065a9bf7b62ec"


@pytest.mark.parametrize("suite", [OLD, NEW])
def test_a_sealed_id_number_opens_again(settings: object, suite: str) -> None:
    settings.CERTLOOKUP_KEYS = suite  # type: ignore[attr-defined]
    assert unseal_id(seal_id(make_id_number(seed=1))) == make_id_number(seed=1)


def test_the_newest_key_seals_and_every_listed_key_opens_and_finds(keys: object) -> None:
    number = make_id_number(seed=2)
    keys.CERTLOOKUP_KEYS = OLD  # type: ignore[attr-defined]
    old = seal_id(number)
    keys.CERTLOOKUP_KEYS = f"{OLD},{NEW}"  # type: ignore[attr-defined]
    new = seal_id(number)
    assert (old.key_version, new.key_version) == (1, 2)
    assert unseal_id(old) == unseal_id(new) == number
    assert {old.index, new.index} == set(index_id(number))


def test_two_seals_of_one_number_share_only_the_index(keys: object) -> None:
    first, second = seal_id(make_id_number(seed=3)), seal_id(make_id_number(seed=3))
    assert first.index == second.index
    assert first.sealed != second.sealed
    assert first.commitment != second.commitment


def test_neither_number_nor_plain_hash_stands_in_what_is_stored(keys: object) -> None:
    number = make_id_number(seed=4)
    stored = seal_id(number)
    assert number.encode() not in stored.sealed + stored.index + stored.commitment
    assert stored.commitment != commit(b"", number)


def test_another_persons_sealed_number_does_not_open_under_this_commitment(keys: object) -> None:
    mine, other = seal_id(make_id_number(seed=5)), seal_id(make_id_number(seed=6))
    swapped = SealedId(mine.commitment, other.sealed, other.index, other.key_version)
    with pytest.raises(SealingError):
        unseal_id(swapped)


def test_an_altered_byte_does_not_open(keys: object) -> None:
    stored = seal_id(make_id_number(seed=7))
    altered = bytes([stored.sealed[0] ^ 1]) + stored.sealed[1:]
    with pytest.raises(SealingError):
        unseal_id(SealedId(stored.commitment, altered, stored.index, stored.key_version))


def test_a_missing_key_version_is_named(keys: object) -> None:
    stored = seal_id(make_id_number(seed=8))
    keys.CERTLOOKUP_KEYS = OLD  # type: ignore[attr-defined]
    with pytest.raises(SealingError, match="version 2"):
        unseal_id(stored)


@pytest.mark.parametrize(
    "text",
    ["", "1", "1:sm", "1:sm:zz", "1:rot13:" + "11" * 32, "1:sm:1111", "0:sm:" + "11" * 32, f"{OLD},{OLD}"],
)
def test_keys_that_cannot_be_read_are_refused_without_quoting_them(text: str) -> None:
    with pytest.raises(ImproperlyConfigured) as error:
        read_keys(text)
    assert "1111" not in str(error.value)
