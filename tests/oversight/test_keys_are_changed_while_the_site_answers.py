"""manage.py rotate_keys: sealed anew under the newest key, resumable after kill -9, found all the while, no digest changed."""

import secrets
import signal
import subprocess
import sys
from collections.abc import Iterator
from datetime import date

import pytest
from django.conf import settings
from django.test import Client

from certificates import lookup
from certificates.idnumber import parse
from certificates.keycheck import KeysDoNotFit
from certificates.models import Enquiry
from certlookup.databases import public_site
from tests.certificates_pages.reading import read
from tests.commands import PATIENCE, manage
from tests.databases import PROJECT, Copy
from tests.enquiries.make import ask_after, make_enquiry
from tests.make import Cast, make_id_number, make_published_release, make_row, make_rows
from uploads.enquiries.answering import show_enquiry
from uploads.models import AuditEntry
from uploads.oversight.roots import store_root

ROWS = 3_000


@pytest.fixture
def old_and_new() -> Iterator[tuple[str, str]]:
    """The key that sealed everything, and the one that is to follow."""
    saved = settings.CERTLOOKUP_KEYS
    yield saved, f"2:aes:{secrets.token_hex(32)}"
    settings.CERTLOOKUP_KEYS = saved


def make_register(rows: int) -> None:
    release = make_published_release(Cast(), rows=make_rows(rows))
    assert release.publication_id is not None, release.publication_problem
    store_root(release.publication_id)


def is_found(seed: int) -> bool:
    number = str(make_row(seed=seed)["证书编号"])
    with public_site():
        return isinstance(
            lookup.find(lookup.question(parse(make_id_number(seed=seed)), number), date(2026, 11, 24)), lookup.Found
        )


def left(copy: Copy) -> int:
    with copy.connect("staff") as connection:
        question = "SELECT (SELECT count(*) FROM certificate WHERE key_version = 1) + (SELECT count(*) FROM staged_row WHERE key_version = 1)"
        row = connection.execute(question).fetchone()
        assert row is not None
        return int(row[0])


def leaves(copy: Copy) -> list[bytes]:
    with copy.connect("staff") as connection:
        return [leaf for (leaf,) in connection.execute("SELECT leaf FROM published_leaf ORDER BY position")]


def test_a_rotation_that_was_killed_goes_on_and_nobody_is_lost(
    fresh_database: Copy, old_and_new: tuple[str, str]
) -> None:
    make_register(ROWS)
    receipt = make_enquiry(Client())
    old, new = old_and_new
    before = leaves(fresh_database)
    both = fresh_database.environment() | {"CERTLOOKUP_KEYS": f"{new},{old}", "PYTHONUNBUFFERED": "1"}
    assert manage(both, "set_up_database").returncode == 0
    settings.CERTLOOKUP_KEYS = f"{new},{old}"
    killed = subprocess.Popen(
        [sys.executable, "manage.py", "rotate_keys"], cwd=PROJECT, env=both, stdout=subprocess.PIPE, text=True
    )
    assert killed.stdout is not None
    killed.stdout.readline()
    killed.send_signal(signal.SIGKILL)
    killed.wait(PATIENCE)
    assert 0 < left(fresh_database) < 2 * ROWS, "some are under the old key, some under the new one"
    assert all(is_found(seed) for seed in (0, 999, 1000, ROWS - 1))

    done = manage(both, "rotate_keys")
    assert done.returncode == 0, done.stderr
    assert left(fresh_database) == 0
    assert leaves(fresh_database) == before

    begun_and_done = AuditEntry.objects.filter(action__startswith="keys.").order_by("number")
    assert list(begun_and_done.values_list("action", flat=True))[-2:] == ["keys.rotation_begun", "keys.rotated"]

    settings.CERTLOOKUP_KEYS = new
    assert all(is_found(seed) for seed in (0, 999, 1000, ROWS - 1))
    assert read(ask_after(Client(), receipt)).outcome == "enquiry-waiting"
    assert show_enquiry(Enquiry.objects.get(), whole_id=True).holder.name == "王登记"
    verified = manage(both | {"CERTLOOKUP_KEYS": new}, "verify_register")
    assert verified.returncode == 0, verified.stdout
    again = manage(both, "rotate_keys")
    assert (again.returncode, again.stdout.splitlines()[-1].split()[0]) == (0, "0")


def test_a_lookup_under_a_wrong_key_is_an_error_and_never_not_found(
    fresh_database: Copy, old_and_new: tuple[str, str]
) -> None:
    make_register(3)
    assert is_found(0)
    old, new = old_and_new
    wrong = f"1:sm:{secrets.token_hex(32)}"
    for keys in (wrong, new, f"{new},{wrong}", f"{new},{old}"):
        settings.CERTLOOKUP_KEYS = keys
        with pytest.raises(KeysDoNotFit):
            is_found(0)
    settings.CERTLOOKUP_KEYS = old
    assert is_found(0)


@pytest.mark.parametrize("command", ["set_up_database", "work", "rotate_keys"])
def test_a_wrong_key_refuses_to_start_and_nothing_new_is_noted(
    fresh_database: Copy, command: str, old_and_new: tuple[str, str]
) -> None:
    wrong = f"1:sm:{secrets.token_hex(32)}"
    answer = manage(fresh_database.environment() | {"CERTLOOKUP_KEYS": wrong}, command)
    assert answer.returncode != 0
    assert "not the key that this database was sealed under" in answer.stderr.replace("\n", " ")
    with fresh_database.connect("staff") as connection:
        assert connection.execute("SELECT count(*) FROM key_fingerprint").fetchone() == (1,)


def test_a_key_that_is_still_in_use_cannot_be_retired(fresh_database: Copy) -> None:
    make_register(2)
    with fresh_database.connect("rekey") as connection:
        with pytest.raises(Exception, match="key_is_still_in_use"):
            connection.execute("SELECT retire_keys(2::smallint)")
        connection.rollback()
        with pytest.raises(Exception, match="permission denied"):
            connection.execute("UPDATE key_fingerprint SET retired_at = now()")


def test_rekey_changes_the_key_columns_and_nothing_else(fresh_database: Copy) -> None:
    make_register(2)
    for table in ("certificate", "staged_row"):
        with fresh_database.connect("rekey") as connection, pytest.raises(Exception, match="permission denied"):
            connection.execute(f"UPDATE {table} SET id_commitment = id_commitment")
