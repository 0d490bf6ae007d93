"""People with open accounts, made as set-up makes the first ones."""

from collections.abc import Sequence

from django.test import Client
from django_otp.oath import totp
from django_otp.plugins.otp_totp.models import TOTPDevice

from certificates.models import Office
from tests.databases import acting_as
from tests.make import as_owner
from uploads.models import AuditEntry, Capacity, Person, PersonState
from uploads.people import twofactor
from uploads.people.accounts import create_person
from uploads.people.capacities import grant_capacity

PASSWORD = "vier-nasse-laternen-7"
LOGIN = "/staff/login/"


def make_person(
    staff_number: str = "370901",
    name: str = "王丽华",
    capacities: Sequence[Capacity] = (Capacity.NETWORK_ADMINISTRATOR,),
    office: str | None = None,
) -> Person:
    """A person with an account, a confirmed device, PASSWORD, and these capacities."""
    where = Office.objects.get(code=office) if office else None
    with acting_as("owner"):
        person = create_person(staff_number=staff_number, name=name, office=where, by=None)
        for capacity in capacities:
            grant_capacity(person=person, capacity=capacity, office=where, by=None)
    person.state = PersonState.ACTIVE
    open_account(person)
    return person


def open_account(person: Person) -> None:
    """Give the person PASSWORD and an authenticator."""
    person.set_password(PASSWORD)
    with as_owner() as alias:
        person.save(using=alias)
    enrol(person)


def enrol(person: Person) -> TOTPDevice:
    """Give the person an authenticator."""
    device = twofactor.new_device(person)
    device.confirmed = True
    device.save()
    return device


def code_of(person: Person, steps: int = 0) -> str:
    """What the person's authenticator shows now, or so many half minutes later."""
    device = twofactor.confirmed_device(person) or twofactor.unconfirmed_device(person)
    assert device is not None
    return shown_by(device.bin_key, steps)


def shown_by(key: bytes, steps: int = 0) -> str:
    """What an authenticator with this secret shows now, or so many half minutes later."""
    return f"{totp(key, t0=-30 * steps):06d}"


def log_in(client: Client, person: Person, password: str = PASSWORD, code: str | None = None) -> None:
    """Both steps; the code counts as used afterwards."""
    client.post(LOGIN, {"staff_number": person.staff_number, "password": password})
    client.post(LOGIN, {"otp": code or code_of(person)})


def is_in(client: Client) -> bool:
    """Whether the client sees a page for which one has to be signed in."""
    return client.get("/staff/account/").status_code == 200


def newest_entry(action: str) -> AuditEntry:
    """The newest entry of the audit trail for an action."""
    return AuditEntry.objects.filter(action=action).order_by("-number")[0]
