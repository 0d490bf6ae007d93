"""A small demo, set up by the command: its stages, its people, its register; once and not twice."""

import io
import json
import time
from base64 import b32decode
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest
from django.contrib.auth.hashers import check_password
from django.core.management import call_command
from django.utils import timezone
from django_otp.oath import totp

from certificates.idnumber import parse
from certificates.lookup import Found, Revoked, find, question
from certificates.models import Publication
from certlookup.databases import public_site
from tests.commands import manage
from tests.databases import Copy
from tests.demo.expected import assert_complete
from tests.demo.site import accounts, environment
from uploads.models import AuditEntry, Person, Signature
from uploads.people.twofactor import verify_code


def test_a_demo_is_set_up_once_with_everything_at_its_stage(fresh_database: Copy, tmp_path: Path) -> None:
    variables = environment(fresh_database, tmp_path)
    first = manage(variables, "set_up_demo")
    assert first.returncode == 0, first.stderr
    assert "released, published, backed up" in first.stdout
    assert Path(first.stdout.splitlines()[-2].rpartition(": ")[2]).is_file()
    assert_complete(tmp_path)

    assert_accounts_open(tmp_path)
    assert_the_changed_are_found(tmp_path)
    assert_pair_is_found(tmp_path)
    assert_history_lies_in_the_past()
    for check in ("verify_register", "verify_audit"):
        said = io.StringIO()
        with pytest.raises(SystemExit) as end:
            call_command(check, stdout=said, stderr=said)
        assert end.value.code == 0, said.getvalue()

    entries = AuditEntry.objects.count()
    begun = time.monotonic()
    second = manage(variables, "set_up_demo")
    assert (second.returncode, second.stdout) == (0, "")
    assert time.monotonic() - begun < 5
    assert AuditEntry.objects.count() == entries
    assert_lost_accounts_are_opened_anew(tmp_path, variables)
    assert_complete(tmp_path)


def assert_lost_accounts_are_opened_anew(folder: Path, variables: dict[str, str]) -> None:
    before = accounts(folder)
    (folder / "keys" / "demo_accounts.json").unlink()
    answer = manage(variables, "set_up_demo")
    assert answer.returncode == 0, answer.stderr
    after = accounts(folder)
    assert [account["staff_number"] for account in after] == [account["staff_number"] for account in before]
    assert after[0]["password"] != before[0]["password"]
    person = Person.objects.get(staff_number=after[0]["staff_number"])
    assert check_password(after[0]["password"], person.password)
    assert person.grants.count() == 1


def assert_accounts_open(folder: Path) -> None:
    file = folder / "keys" / "demo_accounts.json"
    assert file.stat().st_mode & 0o777 == 0o600
    assert set(accounts(folder)[0]) == {"capacity", "office", "staff_number", "password", "totp_secret", "name"}
    for account in accounts(folder)[::8]:
        person = Person.objects.get(staff_number=account["staff_number"])
        assert check_password(account["password"], person.password)
        key = b32decode(account["totp_secret"])
        assert verify_code(person=person, code=f"{totp(key):06}").accepted


def assert_pair_is_found(folder: Path) -> None:
    pair = json.loads((folder / "keys" / "demo_sample.json").read_text(encoding="utf-8"))
    with public_site():
        answer = find(question(parse(pair["id_number"]), pair["certificate_number"]), timezone.localdate())
    assert isinstance(answer, Found)


def assert_the_changed_are_found(folder: Path) -> None:
    pairs = json.loads((folder / "keys" / "demo_changed.json").read_text(encoding="utf-8"))
    with public_site():
        found = {
            kind: find(question(parse(pair["id_number"]), pair["certificate_number"]), timezone.localdate())
            for kind, pair in pairs.items()
        }
    assert isinstance(found["revoked"], Revoked)
    assert isinstance(found["corrected"], Found)
    assert found["corrected"].changed_fields == ("skill_score",)


def assert_history_lies_in_the_past() -> None:
    """Signatures lie where the regulation wants them, and the real clock stands beside."""
    for signature in Signature.objects.all():
        assert signature.effective_at <= signature.signed_at
    for publication in Publication.objects.filter(kind="regular"):
        day = publication.release.period.publication_day
        assert publication.published_on == day
        assert publication.effective_at.astimezone(ZoneInfo("Asia/Shanghai")).date() == day
        assert publication.published_at > publication.effective_at


def test_nothing_is_set_up_where_the_database_is_no_demo(fresh_database: Copy, tmp_path: Path) -> None:
    with fresh_database.connect("superuser", autocommit=True) as connection:
        connection.execute("ALTER TABLE installation DISABLE TRIGGER USER")
        connection.execute("UPDATE installation SET demo = false")
        connection.execute("ALTER TABLE installation ENABLE TRIGGER USER")
    answer = manage(environment(fresh_database, tmp_path), "set_up_demo")
    assert answer.returncode == 1
    assert answer.stderr.strip() == (
        "CommandError: This database wasn't created as a demo (DEMO=1), so no demo is set up in it."
    )
    assert Person.objects.count() == 0


@pytest.mark.parametrize("wanted", ["0", "99", "many"])
def test_a_size_that_makes_no_demo_is_refused_in_a_sentence(fresh_database: Copy, tmp_path: Path, wanted: str) -> None:
    variables = environment(fresh_database, tmp_path) | {"DEMO_CERTIFICATES": wanted}
    answer = manage(variables, "set_up_demo")
    assert answer.returncode == 1
    assert "DEMO_CERTIFICATES" in answer.stderr
    assert "Traceback" not in answer.stderr
    assert Person.objects.count() == 0
