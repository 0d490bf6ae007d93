"""Acts on a person's account and capacities, each on a page that says what will happen and asks for the second factor."""

from collections.abc import Callable
from dataclasses import dataclass

from django.contrib import messages
from django.http import Http404, HttpResponse
from django.shortcuts import get_object_or_404, redirect
from django.views.decorators.http import require_http_methods

from certificates.models.offices import OfficeKind
from uploads.actor import Actor
from uploads.models import Capacity, CapacityGrant, Person
from uploads.pages.frame import StaffRequest, capacity_required, render_staff
from uploads.pages.people_confirmations import GrantForm, PlainConfirmationForm, ReasonForm, titled
from uploads.people.accounts import (
    WHO_FREEZES,
    freeze_account,
    log_out_everywhere,
    unfreeze_account,
    withdraw_credentials,
)
from uploads.people.capacities import end_grant, grant_capacity
from uploads.people.invitations import invite
from uploads.people.lockout import lift_lockouts
from uploads.people.passwordchange import order_password_change, order_password_change_of_all
from uploads.refusals import Refusal

SECURITY = (Capacity.SECURITY_ADMINISTRATOR,)


@dataclass(frozen=True, slots=True)
class AccountAct:
    """One thing that is done to an account: who may, what the page says, what is done."""

    title: str
    consequence: str
    may: tuple[Capacity, ...]
    done: str = ""
    do: Callable[[Person, str, Actor], object] | None = None


ACTS = {
    "freeze": AccountAct(
        "冻结账号",
        "账号马上冻结，所有登录退出，任何人都不能再用它办理；已办理的仍然有效。同时登记为安全事件，由安全管理员核实后解冻。",
        WHO_FREEZES,
        "账号已冻结，所有登录都已退出，并已登记为安全事件。",
        lambda person, reason, by: freeze_account(person=person, reason=reason, by=by),
    ),
    "unfreeze": AccountAct(
        "解冻账号",
        "账号可以再用原来的密码和身份验证器登录。密码可能被人知道的，请同时要求更换密码，或收回密码和验证器后重新邀请。",
        SECURITY,
        "账号已解冻。",
        lambda person, reason, by: unfreeze_account(person=person, reason=reason, by=by),
    ),
    "withdraw": AccountAct(
        "收回密码和验证器",
        "密码、身份验证器和恢复码全部作废，所有登录退出。之后由系统管理员重新邀请，本人再设置密码和验证器；身份不变。",
        SECURITY,
        "密码和验证器已收回，请系统管理员重新邀请。",
        lambda person, reason, by: withdraw_credentials(person=person, reason=reason, by=by),
    ),
    "order-password": AccountAct(
        "要求更换密码",
        "所有登录马上退出；下次登录时，须先更换密码才能办理。",
        WHO_FREEZES,
        "已要求更换密码，所有登录都已退出。",
        lambda person, reason, by: order_password_change(person=person, reason=reason, by=by),
    ),
    "log-out": AccountAct(
        "退出所有登录",
        "这个人的所有登录马上退出，可以重新登录。",
        SECURITY,
        "所有登录都已退出。",
        lambda person, reason, by: log_out_everywhere(person=person, reason=reason, by=by),
    ),
    "lift-lockouts": AccountAct(
        "解除登录锁定",
        "因多次输错而锁定的，可以马上再试。请先核实是本人。",
        SECURITY,
        "登录锁定已解除。",
        lambda person, reason, by: lift_lockouts(person=person, reason=reason, by=by),
    ),
}


@require_http_methods(["GET", "HEAD", "POST"])
@capacity_required(*WHO_FREEZES)
def act(request: StaffRequest, person_id: int, act_name: str) -> HttpResponse:
    """One of ACTS, with its reason."""
    person = get_object_or_404(Person, pk=person_id)
    described = ACTS.get(act_name)
    if described is None or described.do is None or not request.staff.holds(*described.may):
        raise Http404
    form = ReasonForm(request.POST if request.method == "POST" else None, staff=request.staff, capacities=described.may)
    if request.method == "POST" and form.is_valid():
        try:
            described.do(person, form.cleaned_data["reason"], form.actor)
        except Refusal as refusal:
            form.add_error(None, refusal.sentence())
        else:
            messages.success(request, f"{person.name}：{described.done}")
            return redirect("staff-person", person.pk)
    return render_staff(request, "uploads/people/act.html", {"form": form, "person": person, "act": described})


@require_http_methods(["GET", "HEAD", "POST"])
@capacity_required(*WHO_FREEZES)
def order_passwords(request: StaffRequest) -> HttpResponse:
    """Everybody chooses a new password at the next login, and is logged out now."""
    form = ReasonForm(request.POST if request.method == "POST" else None, staff=request.staff, capacities=WHO_FREEZES)
    if request.method == "POST" and form.is_valid():
        try:
            accounts = order_password_change_of_all(reason=form.cleaned_data["reason"], by=form.actor)
        except Refusal as refusal:
            form.add_error(None, refusal.sentence())
        else:
            request.session.flush()
            messages.success(request, f"已要求全部 {accounts} 个账号更换密码，所有登录都已退出，您也一样。")
            return redirect("staff-login")
    everybody = AccountAct(
        "要求全部人员更换密码",
        "所有人的登录马上退出，您自己也一样；每个人下次登录时，须先更换密码才能办理。",
        WHO_FREEZES,
    )
    return render_staff(request, "uploads/people/act.html", {"form": form, "act": everybody})


@require_http_methods(["GET", "HEAD", "POST"])
@capacity_required(Capacity.SYSTEM_ADMINISTRATOR)
def send_invitation(request: StaffRequest, person_id: int) -> HttpResponse:
    """Make a link; it is shown in the answer to this one request and never again."""
    person = get_object_or_404(Person, pk=person_id)
    form = PlainConfirmationForm(
        request.POST if request.method == "POST" else None,
        staff=request.staff,
        capacities=[Capacity.SYSTEM_ADMINISTRATOR],
    )
    context: dict[str, object] = {"form": form, "person": person}
    if request.method == "POST" and form.is_valid():
        try:
            context["invitation"] = invite(person=person, by=form.actor)
        except Refusal as refusal:
            form.add_error(None, refusal.sentence())
    return render_staff(request, "uploads/people/invite.html", context)


@require_http_methods(["GET", "HEAD", "POST"])
@capacity_required(*SECURITY)
def grant(request: StaffRequest, person_id: int) -> HttpResponse:
    """Give a capacity."""
    person = get_object_or_404(Person, pk=person_id)
    form = GrantForm(
        request.POST if request.method == "POST" else None,
        staff=request.staff,
        capacities=SECURITY,
        initial={"office": person.office_id if person.office and person.office.kind == OfficeKind.CITY else None},
    )
    if request.method == "POST" and form.is_valid():
        data = form.cleaned_data
        try:
            grant_capacity(
                person=person,
                capacity=Capacity(data["given"]),
                office=data["office"],
                valid_from=form.valid_from,
                valid_to=form.valid_to,
                by=form.actor,
            )
        except Refusal as refusal:
            form.add_error("given", refusal.sentence())
        else:
            messages.success(request, f"已授予{person.name}“{Capacity(data['given']).label}”，其登录已退出。")
            return redirect("staff-person", person.pk)
    return render_staff(request, "uploads/people/grant.html", {"form": form, "person": person})


@require_http_methods(["GET", "HEAD", "POST"])
@capacity_required(*SECURITY)
def end(request: StaffRequest, person_id: int, grant_id: int) -> HttpResponse:
    """End a capacity before its day, or one that has none."""
    given = get_object_or_404(
        CapacityGrant.objects.select_related("person", "office", "delegated_by"), pk=grant_id, person_id=person_id
    )
    form = ReasonForm(request.POST if request.method == "POST" else None, staff=request.staff, capacities=SECURITY)
    if request.method == "POST" and form.is_valid():
        try:
            end_grant(grant=given, reason=form.cleaned_data["reason"], by=form.actor)
        except Refusal as refusal:
            form.add_error(None, refusal.sentence())
        else:
            messages.success(request, f"{given.person.name}的“{titled(given)}”已终止，其登录已退出。")
            return redirect("staff-person", person_id)
    ending = AccountAct(
        f"终止“{titled(given)}”",
        "马上终止，其登录退出；已办理的仍然有效。由这个身份委托出去的代理也同时终止。",
        SECURITY,
    )
    context = {"form": form, "person": given.person, "act": ending}
    return render_staff(request, "uploads/people/act.html", context)
