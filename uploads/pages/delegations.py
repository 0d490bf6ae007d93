"""委托代理: a capacity for somebody else, for at most thirty days; by its holder, or by the department head for him."""

from django.contrib import messages
from django.http import Http404, HttpResponse
from django.shortcuts import get_object_or_404, redirect
from django.utils import timezone
from django.views.decorators.http import require_http_methods, require_POST

from uploads.models import Capacity, CapacityGrant, Person
from uploads.pages.frame import StaffRequest, capacity_required, render_staff, staff_required
from uploads.pages.people_confirmations import DelegationForm, titled
from uploads.people.capacities import DELEGATED, delegate_capacity, end_grant
from uploads.people.entitlement import grants_of
from uploads.refusals import Refusal


@require_http_methods(["GET", "HEAD", "POST"])
@staff_required
def delegate_own(request: StaffRequest) -> HttpResponse:
    """Let a colleague act for me."""
    return _delegate(request, request.staff.person, by_head=False)


@require_http_methods(["GET", "HEAD", "POST"])
@capacity_required(Capacity.DEPARTMENT_HEAD)
def delegate_for(request: StaffRequest, person_id: int) -> HttpResponse:
    """Let somebody act for a person who is away."""
    return _delegate(request, get_object_or_404(Person, pk=person_id), by_head=True)


@require_POST
@staff_required
def end(request: StaffRequest, grant_id: int) -> HttpResponse:
    """End a delegation that I gave, hold, or have charge of; taking a right away asks for no code."""
    given = get_object_or_404(
        CapacityGrant.objects.select_related("person", "office").exclude(delegated_by=None), pk=grant_id
    )
    concerned = request.staff.person.pk in {given.person_id, given.delegated_by_id}
    if not concerned and not request.staff.holds(Capacity.DEPARTMENT_HEAD):
        raise Http404
    capacity = "" if concerned else Capacity.DEPARTMENT_HEAD
    ends_own_session = given.person_id == request.staff.person.pk
    try:
        end_grant(grant=given, reason="", by=request.staff.actor(capacity))
    except Refusal as refusal:
        messages.error(request, refusal.sentence())
        return redirect("staff-account")
    if ends_own_session:
        request.session.flush()
        messages.success(request, "代理已结束，请重新登录。")
        return redirect("staff-login")
    messages.success(request, f"{given.person.name}代理的“{titled(given)}”已结束。")
    return redirect("staff-account") if concerned else redirect("staff-delegate-for", given.delegated_by_id)


def _delegate(request: StaffRequest, holder: Person, *, by_head: bool) -> HttpResponse:
    now = timezone.now()
    own = [grant for grant in grants_of(holder, now) if grant.capacity in DELEGATED and grant.delegated_by_id is None]
    chosen = next((grant for grant in own if str(grant.pk) == request.POST.get("grant")), None)
    if by_head:
        capacities = [Capacity.DEPARTMENT_HEAD]
    else:
        # One delegates in the capacity that one delegates.
        capacities = [Capacity(grant.capacity) for grant in ([chosen] if chosen else own)]
    form = DelegationForm(
        request.POST if request.method == "POST" else None, staff=request.staff, capacities=capacities, grants=own
    )
    if not by_head:
        form.fields["capacity"].required = False
    if request.method == "POST" and form.is_valid():
        grant, to = form.delegated, form.cleaned_data["staff_number"]
        try:
            delegate_capacity(
                holder=holder,
                capacity=Capacity(grant.capacity),
                office=grant.office,
                to=to,
                valid_from=form.valid_from,
                valid_to=form.valid_to or now,
                by=form.actor if by_head else request.staff.actor(grant.capacity),
            )
        except Refusal as refusal:
            form.add_error("staff_number", refusal.sentence())
        else:
            messages.success(request, f"已委托{to.name}代理“{titled(grant)}”。")
            return redirect("staff-person", holder.pk) if by_head else redirect("staff-account")
    given = CapacityGrant.objects.filter(delegated_by=holder, valid_to__gt=now).select_related("person", "office")
    context = {"form": form, "holder": holder, "by_head": by_head, "own": own, "given": given}
    return render_staff(request, "uploads/people/delegate.html", context)
