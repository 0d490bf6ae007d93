"""The demo's accounts with their passwords and TOTP secrets, kept in a file that only this user can read.

The file comes first and the database follows it, so that an interrupted set-up never leaves an account whose password
nobody knows.
"""

import json
import os
import secrets
from base64 import b32decode, b32encode
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from datetime import UTC, datetime
from pathlib import Path

from django.contrib.auth.hashers import Argon2PasswordHasher
from django.utils import timezone
from django.utils.crypto import get_random_string
from django_otp.plugins.otp_totp.models import TOTPDevice

from certificates.models import Office
from certlookup.databases import as_owner, current_alias
from uploads.actor import Actor
from uploads.demo.cast import ADDRESS, ROLES, Role
from uploads.models import Person, PersonState
from uploads.oversight.audit import one_act, record
from uploads.people.accounts import create_person
from uploads.people.capacities import grant_capacity
from uploads.people.entitlement import grants_of
from uploads.people.twofactor import DIGITS, confirmed_device, secret_of

# Long before the demo's earliest half-month.
GRANTED_FROM = datetime(2020, 1, 1, tzinfo=UTC)
# Nothing that looks like something else when typed from a terminal.
_LETTERS = "abcdefghjkmnpqrstuvwxyz23456789"
_SECRET_BYTES = 20


class _QuickArgon2(Argon2PasswordHasher):
    """Argon2 with OWASP's least cost: random passwords need no more, and the next change makes the site's own."""

    time_cost, memory_cost, parallelism = 2, 19_456, 1


@dataclass(frozen=True, slots=True)
class Account:
    """What a visitor needs to log in as one of the cast."""

    capacity: str
    office: str
    staff_number: str
    password: str
    totp_secret: str
    name: str


def write_privately(path: Path, content: object) -> None:
    """Write JSON that only this user can read, all of it or nothing."""
    path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    new = path.with_suffix(".new")
    new.unlink(missing_ok=True)
    descriptor = os.open(new, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    with os.fdopen(descriptor, "w", encoding="utf-8") as file:
        json.dump(content, file, ensure_ascii=False, indent=1)
        file.write("\n")
        file.flush()
        os.fsync(file.fileno())
    new.replace(path)


def accounts_in(path: Path) -> list[Account]:
    """The accounts of the file; new ones, written to it, where it is missing or not about this cast."""
    if path.exists():
        present = [Account(**entry) for entry in json.loads(path.read_text(encoding="utf-8"))]
        if [(a.staff_number, a.capacity, a.office) for a in present] == [
            (role.staff_number, str(role.capacity), role.office) for role in ROLES
        ]:
            return present
    accounts = [_new_account(role) for role in ROLES]
    write_privately(path, [asdict(account) for account in accounts])
    return accounts


def _new_account(role: Role) -> Account:
    groups = ["".join(secrets.choice(_LETTERS) for _ in range(5)) for _ in range(3)]
    secret = b32encode(secrets.token_bytes(_SECRET_BYTES)).decode()
    return Account(str(role.capacity), role.office, role.staff_number, "-".join(groups), secret, role.name)


def open_accounts(accounts: Sequence[Account]) -> int:
    """Bring the database to what the accounts say; returns how many had to be opened or given a new password.

    Writes person, capacity_grant, the TOTP device and audit as the database's owner, who gives the first capacities.
    """
    with as_owner():
        missing = [account for account in accounts if not _is_open(account)]
        for account in missing:
            _open(account)
    return len(missing)


def _is_open(account: Account) -> bool:
    """Whether the account is as the file says; password and secret are always written together."""
    person = Person.objects.filter(staff_number=account.staff_number, state=PersonState.ACTIVE).first()
    device = confirmed_device(person) if person else None
    return device is not None and secret_of(device) == account.totp_secret


def _open(account: Account) -> None:
    person = Person.objects.filter(staff_number=account.staff_number).first()
    office = Office.objects.get(code=account.office)
    if person is None:
        person = create_person(staff_number=account.staff_number, name=account.name, office=office, by=None)
    role = next(role for role in ROLES if role.staff_number == account.staff_number)
    if not any(grant.capacity == account.capacity for grant in grants_of(person, timezone.now())):
        granted_for = office if role.capacity.belongs_to_an_office else None
        grant_capacity(person=person, capacity=role.capacity, office=granted_for, valid_from=GRANTED_FROM, by=None)
    with one_act(by=None, action="account.opened", subject_kind="person", subject_id=account.staff_number):
        person.password = _QuickArgon2().encode(account.password, get_random_string(22))
        person.state = PersonState.ACTIVE
        person.password_set_at = timezone.now()
        person.save(update_fields=["password", "password_set_at", "state"])
        devices = TOTPDevice.objects.using(current_alias())
        devices.filter(user=person).delete()
        devices.create(user=person, name="身份验证器", confirmed=True, digits=DIGITS, key=_hex(account.totp_secret))
        record(
            by=Actor(person, address=ADDRESS),
            action="account.opened",
            subject_kind="person",
            subject_id=account.staff_number,
        )


def _hex(secret: str) -> str:
    return b32decode(secret).hex()
