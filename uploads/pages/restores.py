"""恢复: what restore_backup asks leave for, the deputy director's decision, and the confirmation afterwards (R13)."""

from typing import Any

from django import forms
from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect
from django.utils import timezone
from django.views.decorators.http import require_http_methods, require_safe

from uploads.backup.restores import REQUEST_LASTS, confirm_restoration, decide_restore
from uploads.models import Capacity, Restoration, RestoreRequest
from uploads.oversight.wording import action_label
from uploads.pages.confirmation import ConfirmationForm
from uploads.pages.forms.explanations import refuse_id_numbers
from uploads.pages.forms.fields import reason_field
from uploads.pages.frame import Staff, StaffRequest, capacity_required, render_staff
from uploads.pages.media import SEES
from uploads.refusals import Refusal

DECIDES = Capacity.DEPUTY_DIRECTOR
SHOWN_AT_MOST = 50


class DecisionForm(ConfirmationForm):
    """The order: yes, with what is lost by it, or no."""

    decision = forms.ChoiceField(
        label="决定",
        choices=[("approve", "同意，恢复到这份备份的状态"), ("decline", "不同意")],
        widget=forms.RadioSelect,
        error_messages={"required": "请选择一项。", "invalid_choice": "请选择一项。"},
    )
    allows_loss = forms.BooleanField(label="同意恢复到较早的状态：上面列出的内容将不再在库中", required=False)
    remark = reason_field("依据", "例如指示的文号。记录在案，不要写证件号码。", longest=500)
    field_order = ["decision", "allows_loss", "remark"]

    def __init__(self, *args: object, staff: Staff, asked: RestoreRequest, **kwargs: object) -> None:
        super().__init__(*args, staff=staff, capacities=[DECIDES], **kwargs)  # type: ignore[arg-type]
        self.asked = asked
        if not asked.is_older:
            del self.fields["allows_loss"]

    def clean(self) -> dict[str, Any]:
        """An older state has to be wanted."""
        data = super().clean() or self.cleaned_data
        if data.get("decision") == "approve" and self.asked.is_older and not data.get("allows_loss"):
            self.add_error("allows_loss", "备份比现有数据旧。同意的，请勾选这一项。")
        return data

    def clean_remark(self) -> str:
        """It stays on record."""
        return refuse_id_numbers(self.cleaned_data["remark"])


class ConfirmingForm(ConfirmationForm):
    """What was restored is in order."""

    remark = reason_field(
        "核对情况",
        "例如：证书库和审计链核对一致，抽查了若干本证书。不要写证件号码。",
        longest=500,
    )

    def __init__(self, *args: object, staff: Staff, **kwargs: object) -> None:
        super().__init__(*args, staff=staff, capacities=[DECIDES], **kwargs)  # type: ignore[arg-type]

    def clean_remark(self) -> str:
        """It stays on record."""
        return refuse_id_numbers(self.cleaned_data["remark"])


def losses_shown(losses: dict[str, Any]) -> dict[str, Any]:
    """What would be lost, with the acts by their Chinese names."""
    counted: dict[str, int] = {}
    for action, count in losses.get("acts", {}).items():
        label = action_label(action)
        counted[label] = counted.get(label, 0) + count
    return {**losses, "acts": sorted(counted.items(), key=lambda item: -item[1])}


@require_safe
@capacity_required(*SEES)
def restores(request: StaffRequest) -> HttpResponse:
    """Requests and what was restored, the newest first."""
    asked = RestoreRequest.objects.select_related("decided_by")[:SHOWN_AT_MOST]
    context = {
        "asked": asked,
        "over_before": timezone.now() - REQUEST_LASTS,
        "done": Restoration.objects.select_related("confirmed_by")[:SHOWN_AT_MOST],
        "may_decide": request.staff.holds(DECIDES),
    }
    return render_staff(request, "uploads/backups/restores.html", context)


@require_http_methods(["GET", "HEAD", "POST"])
@capacity_required(DECIDES)
def decide(request: StaffRequest, request_id: int) -> HttpResponse:
    """Order a restore over live data, or decline it."""
    asked = get_object_or_404(RestoreRequest, id=request_id)
    form = DecisionForm(request.POST if request.method == "POST" else None, staff=request.staff, asked=asked)
    if request.method == "POST" and form.is_valid():
        given = form.cleaned_data
        approve = given["decision"] == "approve"
        try:
            decide_restore(
                by=form.actor,
                request=asked,
                approve=approve,
                allows_loss=bool(given.get("allows_loss")),
                remark=given["remark"],
            )
        except Refusal as refusal:
            form.add_error(None, refusal.sentence())
        else:
            said = "已批准。请系统管理员在服务器上重新执行同一条命令。" if approve else "已记录：不同意恢复。"
            messages.success(request, said)
            return redirect("staff-restores")
    context = {"form": form, "asked": asked, "losses": losses_shown(asked.losses)}
    return render_staff(request, "uploads/backups/restore.html", context)


@require_http_methods(["GET", "HEAD", "POST"])
@capacity_required(DECIDES)
def confirm(request: StaffRequest, restoration_id: int) -> HttpResponse:
    """Sign off what was restored."""
    done = get_object_or_404(Restoration, id=restoration_id)
    form = ConfirmingForm(request.POST if request.method == "POST" else None, staff=request.staff)
    if request.method == "POST" and form.is_valid():
        try:
            confirm_restoration(by=form.actor, restoration=done, remark=form.cleaned_data["remark"])
        except Refusal as refusal:
            form.add_error(None, refusal.sentence())
        else:
            messages.success(request, "已确认。原来的数据可以由系统管理员清除了。")
            return redirect("staff-restores")
    context = {"form": form, "done": done, "losses": losses_shown(done.losses)}
    return render_staff(request, "uploads/backups/restoration.html", context)
