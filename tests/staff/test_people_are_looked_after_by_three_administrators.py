"""人员与账号: one administrator records and invites, one gives capacities and freezes, one reads; none does another's part."""

import re

import pytest
from django.test import Client

from tests.make import Cast, make_actor, make_checked_batch, make_person
from tests.people.make import code_of, is_in, log_in
from tests.people.make import make_person as make_open_person
from tests.staff.make import sign_in, text_of
from uploads.models import AuditEntry, Capacity, CapacityGrant, Person, PersonState

pytestmark = pytest.mark.django_db
LIST = "/staff/people/"
SYSTEM, SECURITY, AUDIT = (
    Capacity.SYSTEM_ADMINISTRATOR,
    Capacity.SECURITY_ADMINISTRATOR,
    Capacity.AUDIT_ADMINISTRATOR,
)


class Desk:
    """An administrator at a browser."""

    def __init__(self, capacity: Capacity) -> None:
        self.actor = make_actor(capacity, person=make_person(name="管理员", office="3700"))
        self.client = sign_in(self.actor)

    def confirmed(self, **fields: str) -> dict[str, str]:
        """A form's fields with the code of this moment."""
        self.actor.person.totpdevice_set.update(last_t=-1)
        return {"capacity": str(self.actor.capacity), "otp": code_of(self.actor.person), **fields}


def page_of(person: Person, part: str = "") -> str:
    return f"{LIST}{person.pk}/{part}"


def test_a_system_administrator_records_finds_changes_and_invites() -> None:
    desk = Desk(SYSTEM)
    new = {"staff_number": "３７０２-15", "name": "孙  悦", "office": "3702", "phone": "0532-1"}
    assert desk.client.post(f"{LIST}new/", new).status_code == 302
    person = Person.objects.get(staff_number="3702-15")
    assert (person.name, person.office_id, person.state) == ("孙悦", "3702", PersonState.NO_ACCOUNT)
    assert "已经登记" in text_of(desk.client.post(f"{LIST}new/", new))
    assert "3702-15" in text_of(desk.client.get(LIST, {"words": "孙"}))
    assert "没有找到" in text_of(desk.client.get(LIST, {"words": "孙", "office": "3701"}))
    changed = {"name": "孙月", "office": "3702", "phone": "0532-88"}
    assert desk.client.post(page_of(person, "edit/"), changed).status_code == 302
    entry = AuditEntry.objects.get(action="person.changed")
    assert entry.detail == {"name": ["孙悦", "孙月"], "phone": ["0532-1", "0532-88"]}
    answer = desk.client.post(page_of(person, "invite/"), desk.confirmed())
    link = re.search(r"/staff/invitations/[^/<]+/", answer.content.decode())
    assert link
    assert "no-store" in answer["Cache-Control"]
    assert Client().get(link[0]).status_code == 200
    assert link[0] not in desk.client.get(page_of(person, "invite/")).content.decode()


def test_a_name_that_stands_under_acts_stays() -> None:
    desk = Desk(SYSTEM)
    cast = Cast()
    make_checked_batch(by=cast.operator)
    answer = desk.client.post(page_of(cast.operator.person, "edit/"), {"name": "别名", "office": "3702", "phone": ""})
    assert "姓名不能再改" in text_of(answer)


@pytest.mark.parametrize("name", ["=1+1", "张\u200b三", ""])
def test_a_name_is_made_of_characters_that_can_be_read(name: str) -> None:
    answer = Desk(SYSTEM).client.post(f"{LIST}new/", {"staff_number": "370215", "name": name, "office": "3702"})
    assert answer.status_code == 200
    assert not Person.objects.filter(staff_number="370215").exists()


def test_a_security_administrator_gives_and_ends_a_capacity_with_dates() -> None:
    desk, person = Desk(SECURITY), make_person(name="孙悦", office="3702")
    fields = {"given": "city_operator", "office": "3702", "last_day": "2099-12-31"}
    wrong = desk.client.post(page_of(person, "grant/"), {**desk.confirmed(**fields), "otp": "000000"})
    assert "动态码不正确" in text_of(wrong)
    desk.actor.person.totpdevice_set.update(throttling_failure_count=0, throttling_failure_timestamp=None)
    assert "请选择上报单位" in text_of(
        desk.client.post(page_of(person, "grant/"), desk.confirmed(given="city_director"))
    )
    assert desk.client.post(page_of(person, "grant/"), desk.confirmed(**fields)).status_code == 302
    given = CapacityGrant.objects.get(person=person)
    assert (given.capacity, given.office_id, given.granted_by) == ("city_operator", "3702", desk.actor.person)
    assert "至 2100-01-01 00:00" in text_of(desk.client.get(page_of(person)))
    ending = page_of(person, f"grants/{given.pk}/end/")
    assert desk.client.post(ending, desk.confirmed(reason="转岗")).status_code == 302
    assert "已终止的身份" in text_of(desk.client.get(page_of(person)))


def test_an_administrator_is_given_nothing_beside_and_the_page_says_why() -> None:
    desk = Desk(SECURITY)
    other = make_actor(AUDIT).person
    answer = desk.client.post(page_of(other, "grant/"), desk.confirmed(given="keeper"))
    assert "不能兼任其他身份" in text_of(answer)


def test_a_security_administrator_freezes_and_opens_again(client: Client) -> None:
    desk, person = Desk(SECURITY), make_open_person()
    log_in(client, person)
    assert "请填写原因" in text_of(desk.client.post(page_of(person, "freeze/"), desk.confirmed(reason="")))
    assert desk.client.post(page_of(person, "freeze/"), desk.confirmed(reason="手机遗失")).status_code == 302
    assert not is_in(client)
    assert "已冻结" in text_of(desk.client.get(LIST, {"state": "frozen"}))
    assert desk.client.post(page_of(person, "unfreeze/"), desk.confirmed(reason="找到了")).status_code == 302
    person.refresh_from_db()
    assert person.state == PersonState.ACTIVE


@pytest.mark.parametrize("capacity", [Capacity.DEPARTMENT_HEAD, Capacity.DEPUTY_DIRECTOR])
def test_a_leader_freezes_and_has_passwords_changed_and_does_nothing_else(capacity: Capacity) -> None:
    desk, person = Desk(capacity), make_person()
    for act in ("order-password/", "freeze/"):
        assert desk.client.post(page_of(person, act), desk.confirmed(reason="疑似泄露")).status_code == 302
    person.refresh_from_db()
    assert person.state == PersonState.FROZEN
    assert person.password_change_ordered_at is not None
    for act in ("unfreeze/", "withdraw/", "log-out/", "lift-lockouts/"):
        assert desk.client.post(page_of(person, act), desk.confirmed(reason="x")).status_code == 404
    assert desk.client.post(page_of(person, "grant/"), desk.confirmed(given="keeper")).status_code == 403


def test_everybodys_password_is_changed_by_one_order() -> None:
    desk, person = Desk(Capacity.DEPUTY_DIRECTOR), make_person()
    answer = desk.client.post(f"{LIST}order-passwords/", desk.confirmed(reason="口令可能外泄"))
    assert answer["Location"] == "/staff/login/"
    person.refresh_from_db()
    assert person.password_change_ordered_at is not None


def test_lockouts_are_shown_and_lifted() -> None:
    desk, person = Desk(SECURITY), make_open_person()
    guesser = Client()
    for _ in range(5):
        guesser.post("/staff/login/", {"staff_number": "370901", "password": "wrong"}, REMOTE_ADDR="198.51.100.7")
    assert "198.51.100.7" in text_of(desk.client.get(page_of(person)))
    assert desk.client.post(page_of(person, "lift-lockouts/"), desk.confirmed(reason="本人输错")).status_code == 302
    assert AuditEntry.objects.get(action="lockouts.lifted").detail == {"reason": "本人输错", "places": 1}
    assert "198.51.100.7" not in text_of(desk.client.get(page_of(person)))


LEADERS = {Capacity.DEPARTMENT_HEAD, Capacity.DEPUTY_DIRECTOR}
READERS = {SYSTEM, SECURITY, AUDIT, *LEADERS}


@pytest.mark.parametrize("capacity", Capacity)
def test_none_does_anothers_part(capacity: Capacity) -> None:
    office = "3702" if capacity.belongs_to_an_office else None
    client, person = sign_in(make_actor(capacity, office)), make_person()
    given = CapacityGrant.objects.get(person=make_actor(Capacity.KEEPER, person=person).person)
    expected = {
        LIST: capacity in READERS,
        page_of(person): capacity in READERS,
        f"{LIST}new/": capacity is SYSTEM,
        page_of(person, "edit/"): capacity is SYSTEM,
        page_of(person, "invite/"): capacity is SYSTEM,
        page_of(person, "grant/"): capacity is SECURITY,
        page_of(person, f"grants/{given.pk}/end/"): capacity is SECURITY,
        page_of(person, "withdraw/"): capacity is SECURITY,
        page_of(person, "unfreeze/"): capacity is SECURITY,
        page_of(person, "freeze/"): capacity in {SECURITY, *LEADERS},
        page_of(person, "delegate/"): capacity is Capacity.DEPARTMENT_HEAD,
    }
    for path, open_to in expected.items():
        assert (client.get(path).status_code == 200) is open_to, (capacity, path)
        if path not in {LIST, page_of(person)}:
            assert (client.post(path).status_code == 200) is open_to, (capacity, path)
    assert Person.objects.get(pk=person.pk).state == PersonState.ACTIVE
