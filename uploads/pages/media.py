"""介质保管: the media with their holders, hand-overs, losses, and the label to print (R12)."""

from collections.abc import Callable

import segno
from django.conf import settings
from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect
from django.urls import reverse
from django.utils import timezone
from django.utils.safestring import mark_safe
from django.views.decorators.http import require_http_methods, require_safe

from uploads.backup.custody import (
    MediumLine,
    answer_hand_over,
    hand_over_medium,
    keeper_state,
    media_lines,
    note_found_medium,
    place_medium,
    register_medium,
    report_lost_medium,
    retire_medium,
)
from uploads.models import KEEPING, Capacity, HandOver, HandOverAnswer, Medium
from uploads.pages.confirmation import ConfirmationForm
from uploads.pages.frame import StaffRequest, capacity_required, render_staff
from uploads.pages.media_confirmations import AnswerForm, HandOverForm, PlacingForm, ReasonForm, RegisteringForm
from uploads.refusals import Refusal
from uploads.signoff.permissions import holds

SEES = (
    *KEEPING,
    Capacity.DEPARTMENT_HEAD,
    Capacity.DEPUTY_DIRECTOR,
    Capacity.SYSTEM_ADMINISTRATOR,
    Capacity.SECURITY_ADMINISTRATOR,
    Capacity.AUDIT_ADMINISTRATOR,
)


@require_safe
@capacity_required(*SEES)
def media(request: StaffRequest) -> HttpResponse:
    """Every medium, what is overdue or lost on top."""
    now = timezone.now()
    lines = media_lines(now)
    context = {
        "lines": lines,
        "troubled": [line for line in lines if line.problems],
        "keeper": keeper_state(now),
        "days": settings.MEDIUM_DAYS,
        "may_register": request.staff.holds(Capacity.NETWORK_ADMINISTRATOR),
    }
    return render_staff(request, "uploads/backups/media.html", context)


def _line(medium_id: int) -> MediumLine | None:
    return next((line for line in media_lines(timezone.now()) if line.medium.pk == medium_id), None)


@require_safe
@capacity_required(*SEES)
def medium(request: StaffRequest, medium_id: int) -> HttpResponse:
    """One medium: who has it, its copies, every hand-over."""
    found = get_object_or_404(Medium, id=medium_id)
    holder = found.holder_id == request.staff.person.pk
    administers = request.staff.holds(Capacity.NETWORK_ADMINISTRATOR)
    context = {
        "line": _line(medium_id),
        "medium": found,
        "copies": found.copies.select_related("release", "proof").order_by("-id")[:24],
        "hand_overs": found.hand_overs.select_related("given_by", "given_to").order_by("-id"),
        "may_keep": request.staff.holds(*KEEPING),
        "may_hand_over": holder and request.staff.holds(Capacity(found.held_as)),
        "holder_is_gone": not holds(found.holder, found.held_as),
        "administers": administers,
        "person": request.staff.person,
    }
    return render_staff(request, "uploads/backups/medium.html", context)


@require_safe
@capacity_required(*SEES)
def label(request: StaffRequest, medium_id: int) -> HttpResponse:
    """The label to print and stick on: number, serial number, a code that leads to this medium's page; nobody's name."""
    found = get_object_or_404(Medium, id=medium_id)
    address = settings.SITE_ADDRESS + reverse("staff-medium", args=[found.pk])
    drawn = segno.make(address, error="m", micro=False).svg_inline(scale=4, border=2, omitsize=True, title=found.number)
    # Drawn from our own address, by the library.
    context = {"medium": found, "code": mark_safe(drawn), "address": address, "organiser": settings.SITE_ORGANISER}  # noqa: S308
    return render_staff(request, "uploads/backups/label.html", context)


def _confirmed(
    request: StaffRequest,
    form: ConfirmationForm,
    act: Callable[[], object],
    *,
    medium: Medium | None,
    title: str,
    text: str,
    done: str,
    grave: bool = False,
) -> HttpResponse:
    """The page of one act: its form, what it will do in words, and the way back."""
    if request.method == "POST" and form.is_valid():
        try:
            act()
        except Refusal as refusal:
            form.add_error(None, refusal.sentence())
        else:
            messages.success(request, done)
            return redirect("staff-medium", medium.pk) if medium else redirect("staff-media")
    context = {"form": form, "medium": medium, "title": title, "text": text, "grave": grave}
    return render_staff(request, "uploads/backups/medium_act.html", context)


def _data(request: StaffRequest) -> object:
    return request.POST if request.method == "POST" else None


@require_http_methods(["GET", "HEAD", "POST"])
@capacity_required(Capacity.NETWORK_ADMINISTRATOR)
def new(request: StaffRequest) -> HttpResponse:
    """Take a medium into use."""
    form = RegisteringForm(_data(request), staff=request.staff)
    return _confirmed(
        request,
        form,
        lambda: register_medium(
            by=form.actor, serial_number=form.cleaned_data["serial_number"], place=form.cleaned_data["place"]
        ),
        medium=None,
        title="登记介质",
        text="介质须专用于备份。登记后由您保管；编号由系统给出，请打印标签贴在介质上。第一次写入备份时，系统在介质上留下编号。",
        done="已登记。请打印标签，贴在介质上。",
    )


@require_http_methods(["GET", "HEAD", "POST"])
@capacity_required(Capacity.NETWORK_ADMINISTRATOR)
def place(request: StaffRequest, medium_id: int) -> HttpResponse:
    """Where it is plugged in."""
    found = get_object_or_404(Medium, id=medium_id)
    form = PlacingForm(_data(request), staff=request.staff, present=found.place)
    return _confirmed(
        request,
        form,
        lambda: place_medium(by=form.actor, medium=found, place=form.cleaned_data["place"]),
        medium=found,
        title="登记位置",
        text="写备份前系统核对：这个位置上的介质须是登记在这里的那一件，否则不写入。",
        done="位置已登记。",
    )


@require_http_methods(["GET", "HEAD", "POST"])
@capacity_required(*KEEPING)
def hand_over(request: StaffRequest, medium_id: int) -> HttpResponse:
    """Give it to the keeper, or back."""
    found = get_object_or_404(Medium, id=medium_id)
    form = HandOverForm(_data(request), staff=request.staff, held_as=found.held_as)

    def act() -> None:
        to, taken_as = form.taken_by
        given = form.cleaned_data
        hand_over_medium(
            by=form.actor,
            medium=found,
            to=to,
            taken_as=taken_as,
            due_back_on=given["due_back_on"],
            remark=given["remark"],
        )

    return _confirmed(
        request,
        form,
        act,
        medium=found,
        title="交出介质",
        text="当面交接，双方核对标签上的编号和序列号。接收人随后在系统中确认，到那时才算交接完毕。",
        done="已登记交出，等接收人确认。",
    )


@require_http_methods(["GET", "HEAD", "POST"])
@capacity_required(*KEEPING)
def answer(request: StaffRequest, hand_over_id: int) -> HttpResponse:
    """Confirm, decline or withdraw a hand-over."""
    found = get_object_or_404(HandOver.objects.select_related("medium", "given_by", "given_to"), id=hand_over_id)
    if request.staff.person.pk not in (found.given_by_id, found.given_to_id):
        raise PermissionDenied
    form = AnswerForm(_data(request), staff=request.staff, hand_over=found)
    given = f"{found.given_by.name}（{found.get_given_as_display()}）"
    taken = f"{found.given_to.name}（{found.get_taken_as_display()}）"
    return _confirmed(
        request,
        form,
        lambda: answer_hand_over(
            by=form.actor,
            hand_over=found,
            answer=HandOverAnswer(form.cleaned_data["answer"]),
            reason=form.cleaned_data["reason"],
        ),
        medium=found.medium,
        title="介质交接",
        text=f"{timezone.localtime(found.given_at):%Y-%m-%d %H:%M}，{given}将介质交给{taken}。"
        + (f"归还日期 {found.due_back_on:%Y-%m-%d}。" if found.due_back_on else "")
        + (f"说明：{found.remark}" if found.remark else ""),
        done="已办理。",
    )


@require_http_methods(["GET", "HEAD", "POST"])
@capacity_required(*KEEPING)
def lost(request: StaffRequest, medium_id: int) -> HttpResponse:
    """It is lost."""
    found = get_object_or_404(Medium, id=medium_id)
    form = ReasonForm(_data(request), staff=request.staff, anybody=True)
    return _confirmed(
        request,
        form,
        lambda: report_lost_medium(by=form.actor, medium=found, reason=form.cleaned_data["reason"]),
        medium=found,
        title="报告遗失",
        text="立即报告承办部门负责人、分管领导和安全管理员，同时立事件。介质上的备份是加密的，没有机要人员的私钥打不开。",
        done="已报告遗失，并立事件。",
        grave=True,
    )


@require_http_methods(["GET", "HEAD", "POST"])
@capacity_required(Capacity.NETWORK_ADMINISTRATOR)
def found(request: StaffRequest, medium_id: int) -> HttpResponse:
    """It is there again."""
    medium = get_object_or_404(Medium, id=medium_id)
    form = ReasonForm(_data(request), staff=request.staff)
    return _confirmed(
        request,
        form,
        lambda: note_found_medium(by=form.actor, medium=medium, reason=form.cleaned_data["reason"]),
        medium=medium,
        title="登记找回",
        text="找回后由您保管。事件由安全管理员另行办结。",
        done="已登记找回。",
    )


@require_http_methods(["GET", "HEAD", "POST"])
@capacity_required(Capacity.NETWORK_ADMINISTRATOR)
def retire(request: StaffRequest, medium_id: int) -> HttpResponse:
    """It is used no more."""
    found = get_object_or_404(Medium, id=medium_id)
    form = ReasonForm(_data(request), staff=request.staff)
    return _confirmed(
        request,
        form,
        lambda: retire_medium(by=form.actor, medium=found, reason=form.cleaned_data["reason"]),
        medium=found,
        title="停用介质",
        text="停用后不能再用，上面的备份不再计算在内。除去它，最近一次上网的完好备份须还有两份。",
        done="已停用。",
        grave=True,
    )
