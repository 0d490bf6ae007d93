"""Logging in to the staff site in two steps, and out."""

import time
from dataclasses import dataclass
from datetime import datetime

from axes.handlers.proxy import AxesProxyHandler
from django import forms
from django.contrib import messages
from django.contrib.auth import authenticate
from django.contrib.auth import login as begin_session
from django.contrib.auth import logout as end_session
from django.contrib.auth.signals import user_login_failed
from django.db import transaction
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.urls import reverse
from django.utils import timezone
from django.utils.http import urlencode
from django.views.decorators.debug import sensitive_post_parameters, sensitive_variables
from django.views.decorators.http import require_http_methods, require_POST
from django_otp import login as begin_verified

from certlookup.databases import current_connection
from uploads.actor import Actor
from uploads.models import Outcome, Person
from uploads.oversight.audit import record
from uploads.pages.forms.accounts import CodeForm, KeyAnswerForm, LoginForm, RecoveryCodeForm
from uploads.pages.frame import (
    SIGNED_IN_AT,
    StaffRequest,
    address_of,
    refuse_null_characters,
    render_open,
    safe_next,
    signed_in_person,
    staff_with_any_password,
)
from uploads.pages.lockouts import counted_as, remember_browser
from uploads.people.hardwarekeys import KeyCheck, begin_check, verify_key
from uploads.people.lockout import seconds_until_open
from uploads.people.passwords import password_ends_at
from uploads.people.recovery import RecoveryCheck, forget_recovery_code, note_recovery_code, verify_recovery_code
from uploads.people.sessions import forget_expired_sessions
from uploads.people.twofactor import CodeCheck, confirmed_device, verify_code

# Between the right password and the right code.
SecondFactor = CodeCheck | RecoveryCheck | KeyCheck
PENDING_SECONDS = 300
DAYS_OF_WARNING = 7
_PENDING = "login_pending"
_KEY_STATE = "login_key_state"
_SECOND_FACTORS = {"otp": CodeForm, "recovery_code": RecoveryCodeForm, "key_answer": KeyAnswerForm}
_BACKEND = "django.contrib.auth.backends.ModelBackend"


@dataclass(frozen=True, slots=True)
class Failure:
    """Why a login didn't go on: a key for the audit, the page's sentence, and how long to wait, in seconds."""

    reason: str
    sentence: str
    wait_seconds: int = 0


@sensitive_post_parameters("password", "otp", "recovery_code", "key_answer")
@require_http_methods(["GET", "HEAD", "POST"])
def login(request: HttpRequest) -> HttpResponse:
    """Staff number and password, then the code of the second factor; then the page that was asked for."""
    refuse_null_characters(request)
    if signed_in_person(request) is not None:
        return redirect(safe_next(request))
    if request.method == "POST" and not _SECOND_FACTORS.keys() & request.POST.keys():
        return _first_step(request)
    person = _pending_person(request)
    if request.method == "POST":
        if person is None:
            form = LoginForm()
            return _login_page(request, form, note="验证已超过 5 分钟，请重新输入工号和密码。")
        return _second_step(request, person)
    if person is None:
        # Nobody types a password for a database that is away: then the page is a 503.
        current_connection().ensure_connection()
        return _login_page(request, LoginForm())
    return _code_page(request, person)


@require_POST
def restart_login(request: HttpRequest) -> HttpResponse:
    """Forget the half-finished login: another staff number after all."""
    if signed_in_person(request) is None:
        request.session.flush()
    return redirect("staff-login")


@require_POST
@staff_with_any_password
def logout(request: StaffRequest) -> HttpResponse:
    """End this session."""
    record(by=request.staff.actor(), action="logout")
    end_session(request)
    messages.success(request, "您已退出。")
    return redirect("staff-login")


@sensitive_variables("credentials", "form")
def _first_step(request: HttpRequest) -> HttpResponse:
    form = LoginForm(request.POST)
    if not form.is_valid():
        return _login_page(request, form)
    credentials = {"staff_number": form.cleaned_data["staff_number"], "password": form.cleaned_data["password"]}
    person = authenticate(request, **credentials)
    if isinstance(person, Person) and confirmed_device(person) is not None:
        # A new session id: nothing that was known before the password counts after it.
        request.session.flush()
        request.session[_PENDING] = {"person": person.pk, "at": time.time()}
        # Whoever has a stolen password and no device stops here: that, too, has to be seen.
        record(
            by=None,
            action="login.password_accepted",
            subject_kind="person",
            subject_id=person.staff_number,
            address=address_of(request),
        )
        query = urlencode({"next": safe_next(request)})
        return redirect(f"{reverse('staff-login')}?{query}")
    if person is not None:
        failure = Failure("no_device", "该账号还没有登记身份验证器，请联系系统管理员。")
    else:
        failure = _password_failure(request, credentials["staff_number"])
    _record_failure(request, credentials["staff_number"], failure)
    form.add_error(None, failure.sentence)
    return _login_page(request, form, wait=failure.wait_seconds)


def _second_step(request: HttpRequest, person: Person) -> HttpResponse:
    name = next(name for name in _SECOND_FACTORS if name in request.POST)
    form = _SECOND_FACTORS[name](request.POST)
    # A key's challenge counts once, whatever becomes of this request.
    key_state = request.session.pop(_KEY_STATE, None)
    if not form.is_valid():
        return _code_page(request, person, form)
    credentials = {"staff_number": person.staff_number}
    if not AxesProxyHandler.is_allowed(request, credentials):
        return _locked_out(request, person)
    check: SecondFactor
    if name == "otp":
        check = verify_code(person=person, code=form.cleaned_data[name])
    elif name == "recovery_code":
        check = verify_recovery_code(person=person, code=form.cleaned_data[name])
    else:
        check = verify_key(person=person, answer=form.cleaned_data[name], state=key_state)
    if check.accepted:
        return _welcome(request, person, check)
    _record_failure(request, person.staff_number, Failure(_reason(check), check.sentence))
    user_login_failed.send(__name__, credentials=credentials, request=request)
    if getattr(request, "axes_locked_out", False):
        return _locked_out(request, person)
    form.add_error(None if name == "key_answer" else name, check.sentence)
    return _code_page(request, person, form)


def _reason(check: SecondFactor) -> str:
    """The failure's key in the audit."""
    if isinstance(check, KeyCheck):
        return "security_key_refused"
    return f"{'recovery_' if isinstance(check, RecoveryCheck) else ''}code_{check.outcome}"


def _welcome(request: HttpRequest, person: Person, check: SecondFactor) -> HttpResponse:
    """Both factors are right: a new session id, the beginning of the eight hours, and the entry in the audit."""
    wanted = safe_next(request)
    by = Actor(person, address=address_of(request))
    used_before = person.recovery_code_used_at
    forget_expired_sessions()
    # A login that can't be recorded leaves no session behind.
    with transaction.atomic():
        request.session.flush()
        begin_session(request, person, backend=_BACKEND)
        if isinstance(check, RecoveryCheck):
            begin_verified(request, check.device)
            note_recovery_code(person=person, left=check.left, by=by)
        elif isinstance(check, KeyCheck):
            begin_verified(request, check.device)
            forget_recovery_code(person)
            record(by=by, action="login", detail={"factor": "security_key"})
        else:
            begin_verified(request, confirmed_device(person))
            forget_recovery_code(person)
            record(by=by, action="login")
    request.session[SIGNED_IN_AT] = time.time()
    _tell_at_login(request, person, check, used_before)
    response = redirect(wanted)
    remember_browser(request, response, person)
    return response


def _tell_at_login(request: HttpRequest, person: Person, check: SecondFactor, used_before: datetime | None) -> None:
    """A recovery code used earlier, the one used now, and a password that will soon be due."""
    if used_before is not None:
        when = f"{timezone.localtime(used_before):%Y-%m-%d %H:%M}"
        messages.warning(request, f"{when} 有人用恢复码登录过您的账号。不是您本人的，请立即在“我的账号”中报失。")
    if isinstance(check, RecoveryCheck):
        messages.warning(
            request, f"您用了一个恢复码，还剩 {check.left} 个。签字和其他重要办理仍要用身份验证器的动态码。"
        )
    days = (password_ends_at(person) - timezone.now()).days
    if 0 <= days < DAYS_OF_WARNING and person.password_change_ordered_at is None:
        messages.info(request, f"您的密码还有 {days + 1} 天到期，请在“我的账号”中更换。")


def _locked_out(request: HttpRequest, person: Person) -> HttpResponse:
    request.session.flush()
    failure = _lockout(request, person.staff_number)
    _record_failure(request, person.staff_number, failure)
    form = LoginForm({"staff_number": person.staff_number})
    form.errors.clear()
    form.add_error(None, failure.sentence)
    return _login_page(request, form, wait=failure.wait_seconds)


def _pending_person(request: HttpRequest) -> Person | None:
    """Whose password was right in this session, less than five minutes ago."""
    pending = request.session.get(_PENDING)
    if not pending or time.time() - pending["at"] > PENDING_SECONDS:
        return None
    person = Person.objects.filter(pk=pending["person"]).first()
    return person if person is not None and person.is_active else None


def _password_failure(request: HttpRequest, staff_number: str) -> Failure:
    if getattr(request, "axes_locked_out", False):
        return _lockout(request, staff_number)
    return Failure("wrong_password", "工号或密码不正确。请核对后再输入；还没有账号的，请联系系统管理员。")


def _lockout(request: HttpRequest, staff_number: str) -> Failure:
    wait = max(1, seconds_until_open(counted_as(request, staff_number), address_of(request)))
    minutes = -(-wait // 60)
    sentence = (
        f"多次输入不正确，在您这里暂时不能用这个工号登录。请在 {minutes} 分钟后再试；忘记密码的，请联系安全管理员。"
    )
    return Failure("locked_out", sentence, wait)


def _record_failure(request: HttpRequest, staff_number: str, failure: Failure) -> None:
    """What was typed as staff number is kept only if it is one: people type passwords into the wrong field."""
    known = Person.objects.filter(staff_number=staff_number).exists()
    record(
        by=None,
        action="login",
        subject_kind="person",
        subject_id=staff_number if known else "",
        outcome=Outcome.REFUSED,
        detail={"reason": failure.reason, "known": known},
        address=address_of(request),
    )


def _login_page(request: HttpRequest, form: LoginForm, *, note: str = "", wait: int = 0) -> HttpResponse:
    context = {"form": form, "note": note, "next": safe_next(request)}
    response = render_open(request, "uploads/login.html", context, status=429 if wait else 200)
    if wait:
        response.headers["Retry-After"] = str(wait)
    return response


def _code_page(request: HttpRequest, person: Person, form: forms.Form | None = None) -> HttpResponse:
    """All ways on one page; the form that was sent comes back with its errors."""
    ceremony = begin_check(person)
    if ceremony is not None:
        request.session[_KEY_STATE] = ceremony.state
    context = {
        "form": form,
        "code_form": form if isinstance(form, CodeForm) else CodeForm(),
        "recovery_form": form if isinstance(form, RecoveryCodeForm) else RecoveryCodeForm(),
        "key_options": ceremony.options if ceremony else "",
        "next": safe_next(request),
        "staff_number": person.staff_number,
    }
    return render_open(request, "uploads/login_code.html", context)
