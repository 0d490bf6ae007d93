"""人员与账号: who is recorded, what each may do, and the state of the account.

The system administrator records persons and invites them, the security administrator gives capacities and watches over
accounts, the audit administrator reads; a leader may freeze an account or have a password changed.
"""

from dataclasses import dataclass

from django.contrib import messages
from django.db.models import Q
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect
from django.utils import timezone
from django.views.decorators.http import require_http_methods, require_safe

from uploads.models import Capacity, CapacityGrant, Person, PersonState
from uploads.pages.forms.people import PeopleFilterForm, PersonForm
from uploads.pages.frame import Staff, StaffRequest, capacity_required, render_staff
from uploads.pages.paging import turn_pages
from uploads.people.accounts import WHO_FREEZES, change_person, create_person
from uploads.people.capacities import DELEGATED
from uploads.people.entitlement import grants_of
from uploads.people.lockout import lockouts_of
from uploads.people.recovery import codes_left
from uploads.people.twofactor import confirmed_device
from uploads.refusals import Refusal

READERS = (Capacity.SYSTEM_ADMINISTRATOR, Capacity.AUDIT_ADMINISTRATOR, *WHO_FREEZES)
PEOPLE_PER_PAGE = 50


@dataclass(frozen=True, slots=True)
class Possible:
    """What whoever looks may do about the person; the buttons of the page."""

    edit: bool
    invite: bool
    grant: bool
    freeze: bool
    unfreeze: bool
    order_password: bool
    log_out: bool
    withdraw: bool
    lift_lockouts: bool
    delegate: bool


@require_safe
@capacity_required(*READERS)
def people(request: StaffRequest) -> HttpResponse:
    """Everybody, or those who are looked for."""
    form = PeopleFilterForm(request.GET)
    listed = Person.objects.select_related("office").order_by("staff_number")
    if form.is_valid():
        words, office, state = (form.cleaned_data[name] for name in ("words", "office", "state"))
        if words:
            listed = listed.filter(Q(staff_number__icontains=words) | Q(name__icontains=words))
        if office:
            listed = listed.filter(office=office)
        if state:
            listed = listed.filter(state=state)
    context = {
        "form": form,
        "may_add": request.staff.holds(Capacity.SYSTEM_ADMINISTRATOR),
        "may_order": request.staff.holds(*WHO_FREEZES),
        **turn_pages(request, listed, PEOPLE_PER_PAGE),
    }
    held: dict[int, list[CapacityGrant]] = {}
    shown = [person.pk for person in context["page"].object_list]  # type: ignore[attr-defined]
    now = timezone.now()
    for grant in CapacityGrant.objects.valid(now).filter(person__in=shown).select_related("office"):
        held.setdefault(grant.person_id, []).append(grant)
    context["lines"] = [
        (person, held.get(person.pk, []))
        for person in context["page"].object_list  # type: ignore[attr-defined]
    ]
    return render_staff(request, "uploads/people/list.html", context)


@require_safe
@capacity_required(*READERS)
def one(request: StaffRequest, person_id: int) -> HttpResponse:
    """One person: what is recorded, the account, the capacities held, past and to come."""
    person = get_object_or_404(Person.objects.select_related("office"), pk=person_id)
    now = timezone.now()
    grants = CapacityGrant.objects.filter(person=person).select_related("office", "delegated_by", "granted_by")
    running = [grant for grant in grants.order_by("-id") if grant.valid_to is None or grant.valid_to > now]
    context = {
        "person": person,
        "now": now,
        "running": running,
        "ended": [grant for grant in grants.order_by("-id") if grant not in running],
        "device": confirmed_device(person),
        "codes_left": codes_left(person),
        "lockouts": lockouts_of(person),
        "can": possible(request.staff, person),
    }
    return render_staff(request, "uploads/people/one.html", context)


def possible(staff: Staff, person: Person) -> Possible:
    """The acts that are open to whoever looks, by the person's state; the actions decide again."""
    system, security = staff.holds(Capacity.SYSTEM_ADMINISTRATOR), staff.holds(Capacity.SECURITY_ADMINISTRATOR)
    watches, is_own = staff.holds(*WHO_FREEZES), staff.person.pk == person.pk
    active, frozen = person.state == PersonState.ACTIVE, person.state == PersonState.FROZEN
    return Possible(
        edit=system,
        invite=system and person.state == PersonState.NO_ACCOUNT,
        grant=security and not is_own,
        freeze=watches and active,
        unfreeze=security and frozen and not is_own,
        order_password=watches and active,
        log_out=security and active,
        withdraw=security and (active or frozen) and not is_own,
        lift_lockouts=security,
        delegate=staff.holds(Capacity.DEPARTMENT_HEAD)
        and any(
            grant.capacity in DELEGATED and grant.delegated_by_id is None for grant in grants_of(person, timezone.now())
        ),
    )


@require_http_methods(["GET", "HEAD", "POST"])
@capacity_required(Capacity.SYSTEM_ADMINISTRATOR)
def new(request: StaffRequest) -> HttpResponse:
    """A person who isn't recorded yet; without an account until invited."""
    form = PersonForm(request.POST if request.method == "POST" else None)
    if request.method == "POST" and form.is_valid():
        try:
            person = create_person(
                staff_number=form.cleaned_data["staff_number"],
                by=request.staff.actor(Capacity.SYSTEM_ADMINISTRATOR),
                **form.recorded,
            )
        except Refusal as refusal:
            form.add_error("staff_number", refusal.sentence())
        else:
            messages.success(request, f"{person.name}已登记。需要账号的，请邀请；身份由安全管理员授予。")
            return redirect("staff-person", person.pk)
    return render_staff(request, "uploads/people/edit.html", {"form": form})


@require_http_methods(["GET", "HEAD", "POST"])
@capacity_required(Capacity.SYSTEM_ADMINISTRATOR)
def edit(request: StaffRequest, person_id: int) -> HttpResponse:
    """What is recorded of a person."""
    person = get_object_or_404(Person, pk=person_id)
    known = {"name": person.name, "office": person.office_id, "phone": person.phone}
    form = PersonForm(request.POST if request.method == "POST" else None, known=True, initial=known)
    if request.method == "POST" and form.is_valid():
        try:
            change_person(person=person, by=request.staff.actor(Capacity.SYSTEM_ADMINISTRATOR), **form.recorded)
        except Refusal as refusal:
            form.add_error("name", refusal.sentence())
        else:
            messages.success(request, "资料已更改。")
            return redirect("staff-person", person.pk)
    return render_staff(request, "uploads/people/edit.html", {"form": form, "person": person})
