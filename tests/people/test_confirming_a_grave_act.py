"""The second factor again on the page of a grave act: in which capacity, and a code that is good for this act alone."""

import pytest
from django import forms
from django.utils import timezone

from tests.people.make import code_of, make_person
from uploads.models import Capacity, Person
from uploads.pages.confirmation import ConfirmationForm
from uploads.pages.frame import Staff
from uploads.people.entitlement import grants_of
from uploads.people.twofactor import verify_code

pytestmark = pytest.mark.django_db
SIGNERS = (Capacity.PROVINCIAL_OPERATOR, Capacity.DEPARTMENT_HEAD)


def staff_of(person: Person) -> Staff:
    return Staff(person, tuple(grants_of(person, timezone.now())), "203.0.113.9")


class WithReason(ConfirmationForm):
    reason = forms.CharField()


def test_one_possible_capacity_is_no_question_and_the_actor_carries_it() -> None:
    person = make_person(capacities=[Capacity.DEPARTMENT_HEAD, Capacity.KEEPER])
    form = ConfirmationForm(
        {"capacity": "department_head", "otp": code_of(person)}, staff=staff_of(person), capacities=SIGNERS
    )
    assert form.fields["capacity"].widget.is_hidden
    assert form.is_valid(), form.errors
    assert (form.actor.person, form.actor.capacity, form.actor.address) == (person, "department_head", "203.0.113.9")


def test_with_several_capacities_one_is_chosen() -> None:
    person = make_person(capacities=SIGNERS)
    form = ConfirmationForm({"otp": code_of(person)}, staff=staff_of(person), capacities=SIGNERS)
    assert not form.fields["capacity"].widget.is_hidden
    assert "请选择" in str(form.errors["capacity"])


def test_a_capacity_not_held_or_not_allowed_here_cannot_be_chosen() -> None:
    person = make_person(capacities=[Capacity.DEPARTMENT_HEAD, Capacity.KEEPER])
    for capacity in ("keeper", "provincial_operator"):
        form = ConfirmationForm(
            {"capacity": capacity, "otp": code_of(person)}, staff=staff_of(person), capacities=SIGNERS
        )
        assert "capacity" in form.errors


def test_the_code_of_the_login_does_not_confirm() -> None:
    person = make_person(capacities=[Capacity.DEPARTMENT_HEAD])
    code = code_of(person)
    verify_code(person=person, code=code)
    form = ConfirmationForm({"capacity": "department_head", "otp": code}, staff=staff_of(person), capacities=SIGNERS)
    assert "秒后出现" in str(form.errors["otp"])
    assert "秒后出现" in form.fields["otp"].help_text


def test_a_code_is_not_spent_while_another_field_is_wrong() -> None:
    person = make_person(capacities=[Capacity.DEPARTMENT_HEAD])
    data = {"capacity": "department_head", "otp": code_of(person)}
    assert not WithReason(data, staff=staff_of(person), capacities=SIGNERS).is_valid()
    form = WithReason({**data, "reason": "数据有误"}, staff=staff_of(person), capacities=SIGNERS)
    assert list(form.fields) == ["capacity", "reason", "otp"]
    assert form.is_valid(), form.errors
