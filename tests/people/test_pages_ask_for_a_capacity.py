"""A page for certain capacities is refused to others, and the refusal is in the trail."""

import pytest
from django.contrib import auth
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse
from django.test import Client, RequestFactory
from django.utils import timezone
from django_otp.middleware import OTPMiddleware

from tests.databases import acting_as
from tests.people.make import code_of, log_in, make_person, newest_entry
from uploads.actor import Actor
from uploads.models import Capacity
from uploads.oversight.audit import one_act, record
from uploads.pages.frame import Staff, StaffRequest, capacity_required
from uploads.people.capacities import grant_capacity
from uploads.people.entitlement import grants_of
from uploads.refusals import Refusal


def as_signed_in(request: HttpRequest, client: Client) -> HttpRequest:
    """The request as the middleware hands it on for the client's session."""
    request.session = client.session
    request.user = auth.get_user(request)
    OTPMiddleware(lambda _: HttpResponse())(request)
    return request


pytestmark = pytest.mark.django_db


def test_every_page_but_login_and_invitation_leads_to_the_login(client: Client) -> None:
    for path in ("/staff/account/", "/staff/account/leave-everywhere/", "/staff/logout/"):
        for answer in (client.get(path), client.post(path)):
            assert answer.status_code == 405 or answer["Location"].startswith("/staff/login/")


def test_a_page_is_refused_to_other_capacities_and_recorded(client: Client, rf: RequestFactory) -> None:
    person = make_person(capacities=[Capacity.NETWORK_ADMINISTRATOR])
    log_in(client, person)

    @capacity_required(Capacity.KEEPER)
    def trail(request: StaffRequest) -> HttpResponse:
        return HttpResponse(request.staff.title)

    with pytest.raises(PermissionDenied):
        trail(as_signed_in(rf.get("/staff/audit/"), client))
    entry = newest_entry("page.opened")
    assert (entry.person_id, entry.outcome, entry.detail["reason"]) == (person.pk, "refused", "person_not_entitled")
    with acting_as("owner"):
        grant_capacity(person=person, capacity=Capacity.KEEPER, by=None)
    log_in(client, person, code=code_of(person, steps=1))
    answer = trail(as_signed_in(rf.get("/staff/audit/"), client))
    assert answer.content.decode() == "王丽华（网络管理专员、机要人员）"


def test_an_actor_acts_only_in_a_capacity_that_is_held() -> None:
    person = make_person(capacities=[Capacity.NETWORK_ADMINISTRATOR])
    staff = Staff(person, tuple(grants_of(person, timezone.now())), "203.0.113.9")
    assert staff.actor(Capacity.NETWORK_ADMINISTRATOR).capacity == "network_administrator"
    with pytest.raises(PermissionDenied):
        staff.actor(Capacity.DEPUTY_DIRECTOR)


def test_what_a_refused_act_had_written_is_gone_and_the_refusal_stays() -> None:
    person = make_person()
    by = Actor(person, Capacity.NETWORK_ADMINISTRATOR, "203.0.113.9")

    def act() -> None:
        with one_act(by=by, action="thing.done", subject_kind="thing", subject_id="7"):
            record(by=by, action="thing.begun")
            raise Refusal("person_not_entitled")

    with pytest.raises(Refusal):
        act()
    entry = newest_entry("thing.done")
    assert (entry.outcome, entry.subject_id, entry.detail) == ("refused", "7", {"reason": "person_not_entitled"})
    assert (entry.staff_number, entry.capacity, entry.address) == ("370901", "network_administrator", "203.0.113.9")
    with pytest.raises(IndexError):
        newest_entry("thing.begun")
