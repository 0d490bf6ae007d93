import json
import os
import signal
import urllib.error
import urllib.request
from collections.abc import Iterator
from pathlib import Path

import pytest

from certlookup.launcher import Wanted, announcement, read_wanted
from tests.certlookup.launching import environment, launch, wait_for_address
from tests.certlookup.machine import children_of, lives, open_folder, wait_until
from tests.databases import Copy


@pytest.fixture(scope="module")
def place() -> Iterator[Path]:
    """One folder for the tests of this file: whichever comes first finds it empty, and a later one as that left it."""
    with open_folder() as made:
        yield made


def status(address: str) -> int:
    """What the site answers with."""
    try:
        with urllib.request.urlopen(address, timeout=10) as answer:
            return int(answer.status)
    except urllib.error.HTTPError as error:
        return error.code


def test_an_empty_system_comes_up_serves_and_ends_with_ctrl_c_leaving_nothing(place: Path) -> None:
    variables = environment(place)
    process = launch(variables)
    address = wait_for_address(process)
    assert address == f"http://localhost:{variables['PORT']}"
    assert status(address) < 500
    children = children_of(process.pid)
    assert len(children) >= 4
    process.send_signal(signal.SIGINT)
    process.communicate(timeout=60)
    assert process.returncode == 0
    assert not [pid for pid in children if lives(pid)]


def test_a_killed_launcher_leaves_no_web_server_worker_or_database_and_starts_again(place: Path) -> None:
    variables = environment(place)
    process = launch(variables)
    wait_for_address(process)
    children = children_of(process.pid)
    process.kill()
    process.communicate()
    assert wait_until(lambda: not [pid for pid in children if lives(pid)])
    again = launch(variables)
    wait_for_address(again)
    again.terminate()
    again.communicate(timeout=60)
    assert again.returncode == 0


def test_when_the_database_server_dies_everything_stops_with_a_sentence(place: Path) -> None:
    process = launch(environment(place))
    wait_for_address(process)
    note = place / "var" / "postgres" / "data" / "postmaster.pid"
    os.kill(int(note.read_text().split()[0]), signal.SIGKILL)
    _, errors = process.communicate(timeout=60)
    assert process.returncode == 1
    # A web process that was just starting may still say after it that the database is gone.
    assert any("so everything was stopped" in line for line in errors.strip().splitlines()[-5:])


def test_with_database_urls_it_uses_those_and_starts_no_server(folder: Path, fresh_database: Copy) -> None:
    keys = Path(os.environ["VAR_DIR"]) / "keys"
    secrets = {name.upper(): (keys / name).read_text().strip() for name in ("secret_key", "certlookup_keys")}
    secrets["BACKUP_RECIPIENT"] = (keys / "backup_recipient").read_text().strip()
    given = {name: url for name, url in fresh_database.environment().items() if name.startswith("DATABASE_")}
    with fresh_database.connect("superuser") as connection:
        connection.execute("ALTER TABLE installation DISABLE TRIGGER USER")
        connection.execute("UPDATE installation SET demo = false")
    process = launch(environment(folder) | secrets | given)
    assert status(wait_for_address(process)) < 500
    process.terminate()
    process.communicate(timeout=60)
    assert process.returncode == 0
    assert not (folder / "var" / "postgres").exists()


def test_what_it_says_is_the_address_a_pair_to_look_up_and_the_demo_accounts(tmp_path: Path) -> None:
    account = {
        "capacity": "city_operator",
        "office": "3701",
        "staff_number": "370101",
        "password": "correct horse",
        "totp_secret": "JBSWY3DPEHPK3PXP",
    }
    pair = {"id_number": "379901199001010018", "certificate_number": "1637000000300001"}
    (tmp_path / "demo_accounts.json").write_text(json.dumps([account]))
    (tmp_path / "demo_sample.json").write_text(json.dumps(pair))
    lines = announcement(Wanted("127.0.0.1", 8000, demo=True), tmp_path).splitlines()
    assert lines == [
        "http://localhost:8000",
        "379901199001010018 1637000000300001",
        "city_operator  3701  370101  correct horse  JBSWY3DPEHPK3PXP",
    ]


@pytest.mark.parametrize(
    ("host", "address"),
    [
        ("127.0.0.1", "http://localhost:8000"),
        ("0.0.0.0", "http://localhost:8000"),  # noqa: S104 - only printed
        ("::1", "http://localhost:8000"),
        ("192.0.2.7", "http://192.0.2.7:8000"),
        ("2001:db8::7", "http://[2001:db8::7]:8000"),
    ],
)
def test_the_address_is_what_a_person_types(host: str, address: str) -> None:
    assert read_wanted({"HOST": host}).address == address
