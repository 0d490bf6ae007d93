"""A person's own account, and the page on which an invited person opens it."""

from django.conf import settings
from django.contrib import messages
from django.contrib.auth import update_session_auth_hash
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.utils import timezone
from django.views.decorators.debug import sensitive_post_parameters
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from uploads.models import CapacityGrant
from uploads.oversight.wording import REASONS
from uploads.pages.account_confirmations import NewKeyForm
from uploads.pages.confirmation import SecondFactorForm
from uploads.pages.forms.accounts import ChangePasswordForm, InvitationForm
from uploads.pages.frame import (
    StaffRequest,
    address_of,
    render_open,
    render_staff,
    signed_in_at,
    staff_required,
    staff_with_any_password,
)
from uploads.people import twofactor
from uploads.people.accounts import freeze_account, log_out_everywhere
from uploads.people.capacities import DELEGATED
from uploads.people.hardwarekeys import begin_registration, keys_of, register_key, remove_key
from uploads.people.invitations import accept_invitation, invited_person
from uploads.people.logins import Login, last_logins
from uploads.people.passwordchange import change_password
from uploads.people.passwords import password_due, password_ends_at
from uploads.people.recovery import codes_left, renew_recovery_codes
from uploads.refusals import Refusal

_FACTORS = {"otp": "动态码", "recovery_code": "恢复码", "security_key": "安全密钥"}
_KEY_STATE = "new_key_state"
_WRONG_PASSWORDS = "wrong_passwords"


@staff_required
@require_safe
def account(request: StaffRequest) -> HttpResponse:
    """Who I am here, what I may do until when, and what opens my account."""
    person = request.staff.person
    now = timezone.now()
    delegations = CapacityGrant.objects.filter(delegated_by=person, valid_to__gt=now).select_related("person", "office")
    context = {
        "password_ends_at": password_ends_at(person),
        "codes_left": codes_left(person),
        "keys": keys_of(person),
        "delegations": delegations,
        "logins": [(login, _login_said(login)) for login in last_logins(person)],
        "may_delegate": any(
            grant.capacity in DELEGATED and grant.delegated_by_id is None for grant in request.staff.grants
        ),
    }
    return render_staff(request, "uploads/account/account.html", context)


def _login_said(login: Login) -> str:
    """What came of it, in words."""
    if login.refused:
        return REASONS.get(login.reason, login.reason)
    if login.half:
        return "密码正确，没有输入动态码"
    return _FACTORS.get(login.factor, login.factor)


@staff_with_any_password
@sensitive_post_parameters("password", "new_password", "new_password_again")
@require_http_methods(["GET", "HEAD", "POST"])
def password(request: StaffRequest) -> HttpResponse:
    """Choose a new password: at any time, and before anything else when it is due."""
    person = request.staff.person
    form = ChangePasswordForm(request.POST if request.method == "POST" else None, person=person)
    if request.method == "POST" and form.is_valid():
        try:
            change_password(
                person=person,
                present=form.cleaned_data["password"],
                new=form.cleaned_data["new_password"],
                by=request.staff.actor(),
                keep_session=request.session.session_key,
            )
        except Refusal as refusal:
            if refusal.key == "password_is_wrong" and _guessed_too_often(request):
                messages.error(request, "现在的密码多次输错，已退出登录。请重新登录；忘记密码的，请联系安全管理员。")
                return redirect("staff-login")
            form.add_error("password" if refusal.key == "password_is_wrong" else "new_password", refusal.sentence())
        else:
            update_session_auth_hash(request, person)
            messages.success(request, "密码已更换，其他地方的登录已退出。")
            return redirect("staff-account")
    due = password_due(person, signed_in_at(request))
    context = {"form": form, "due": due, "days": settings.PASSWORD_DAYS}
    return render_staff(request, "uploads/account/password.html", context)


def _guessed_too_often(request: StaffRequest) -> bool:
    """A session that somebody else got hold of is no place to try passwords: the fifth wrong one ends it."""
    wrong = request.session.get(_WRONG_PASSWORDS, 0) + 1
    request.session[_WRONG_PASSWORDS] = wrong
    if wrong >= settings.AXES_FAILURE_LIMIT:
        request.session.flush()
        return True
    return False


@staff_required
@sensitive_post_parameters("otp")
@require_http_methods(["GET", "HEAD", "POST"])
def recovery_codes(request: StaffRequest) -> HttpResponse:
    """Make ten new codes; they are shown in the answer to this one request and never again."""
    person = request.staff.person
    form = SecondFactorForm(request.POST if request.method == "POST" else None, staff=request.staff)
    context: dict[str, object] = {"form": form, "codes_left": codes_left(person)}
    if request.method == "POST" and form.is_valid():
        context["codes"] = renew_recovery_codes(person=person, by=request.staff.actor())
        context["made_at"] = timezone.now()
    return render_staff(request, "uploads/account/recovery_codes.html", context)


@staff_required
@sensitive_post_parameters("otp", "key_answer")
@require_http_methods(["GET", "HEAD", "POST"])
def security_keys(request: StaffRequest) -> HttpResponse:
    """My security keys: one more, or one less; both ask for the authenticator's code."""
    person, form = request.staff.person, NewKeyForm(staff=request.staff)
    state = request.session.pop(_KEY_STATE, None)
    if request.method == "POST":
        form = NewKeyForm(request.POST, staff=request.staff)
        if form.is_valid():
            try:
                register_key(
                    person=person,
                    name=form.cleaned_data["name"],
                    answer=form.cleaned_data["key_answer"],
                    state=state,
                    by=request.staff.actor(),
                )
            except Refusal as refusal:
                form.add_error(None, refusal.sentence())
            else:
                messages.success(request, f"安全密钥“{form.cleaned_data['name']}”已登记，登录时可以用它代替动态码。")
                return redirect("staff-security-keys")
    ceremony = begin_registration(person)
    if ceremony is not None:
        request.session[_KEY_STATE] = ceremony.state
    context = {"form": form, "keys": keys_of(person), "key_options": ceremony.options if ceremony else ""}
    return render_staff(request, "uploads/account/security_keys.html", context)


@staff_required
@sensitive_post_parameters("otp")
@require_http_methods(["GET", "HEAD", "POST"])
def remove_security_key(request: StaffRequest, key_id: int) -> HttpResponse:
    """One of my keys opens nothing any more."""
    person = request.staff.person
    key = next((key for key in keys_of(person) if key.pk == key_id), None)
    if key is None:
        raise Http404
    form = SecondFactorForm(request.POST if request.method == "POST" else None, staff=request.staff)
    if request.method == "POST" and form.is_valid():
        remove_key(person=person, key_id=key_id, by=request.staff.actor())
        messages.success(request, f"安全密钥“{key.name}”已移除。")
        return redirect("staff-security-keys")
    return render_staff(request, "uploads/account/remove_key.html", {"form": form, "key": key})


@require_POST
@staff_with_any_password
def leave_everywhere(request: StaffRequest) -> HttpResponse:
    """End all my sessions, this one too."""
    log_out_everywhere(person=request.staff.person, by=request.staff.actor())
    request.session.flush()
    messages.success(request, "所有登录都已退出。")
    return redirect("staff-login")


@require_POST
@staff_with_any_password
def freeze_own(request: StaffRequest) -> HttpResponse:
    """Report my account lost: one press, no code, since the phone may be what was lost."""
    try:
        freeze_account(person=request.staff.person, reason="本人报失", by=request.staff.actor())
    except Refusal as refusal:
        messages.error(request, refusal.sentence())
        return redirect("staff-account")
    request.session.flush()
    messages.success(request, "账号已冻结，所有登录都已退出，任何人都不能再用它办理。要重新开通，请联系安全管理员。")
    return redirect("staff-login")


@sensitive_post_parameters("new_password", "new_password_again", "otp")
@require_http_methods(["GET", "HEAD", "POST"])
def invitation(request: HttpRequest, token: str) -> HttpResponse:
    """Set the password and enrol the authenticator; the link works once."""
    person = invited_person(token)
    device = twofactor.unconfirmed_device(person) if person else None
    if person is None or device is None:
        return render_open(request, "uploads/invitation_void.html", status=410)
    form = InvitationForm(request.POST or None, person=person)
    if request.method == "POST" and form.is_valid():
        try:
            accept_invitation(
                token=token,
                password=form.cleaned_data["new_password"],
                code=form.cleaned_data["otp"],
                address=address_of(request),
            )
        except Refusal as refusal:
            form.add_error("otp" if refusal.key == "code_is_refused" else None, refusal.sentence())
        else:
            messages.success(request, "账号已开通。请用工号和新密码登录；登录时请等下一个动态码。")
            return redirect("staff-login")
    context = {"form": form, "person": person, "enrolment": twofactor.enrolment(device)}
    return render_open(request, "uploads/invitation.html", context)
