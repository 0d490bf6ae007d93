"""The confirmations of 巡检 and 安全隐患: an entry, a report, a step."""

from typing import Any

from django import forms
from django.utils import timezone

from uploads.models import Hazard, HazardGrade, HazardStepKind
from uploads.oversight.matters import Condition
from uploads.oversight.upkeep import INSPECTORS, REPORTERS, TAKERS
from uploads.pages.confirmation import ConfirmationForm
from uploads.pages.forms.calendar import MomentField
from uploads.pages.forms.fields import reason_field
from uploads.pages.frame import Staff
from uploads.refusals import SENTENCES


def day_field(label: str, help_text: str) -> forms.DateField:
    """A day that may stay empty."""
    return forms.DateField(
        label=label,
        help_text=help_text,
        required=False,
        widget=forms.DateInput(format="%Y-%m-%d", attrs={"type": "date"}),
        error_messages={"invalid": f"{label}要写成 2026-11-26 这样的日期。"},
    )


class InspectionForm(ConfirmationForm):
    """登记巡检: when, what was inspected, whether all was well; what the system saw of itself is kept with it."""

    inspected_at = MomentField(label="巡检时间", help_text="北京时间。")
    outcome = forms.ChoiceField(
        label="结果",
        choices=[("", "请选择"), ("yes", "正常"), ("no", "发现问题")],
        error_messages={"required": "请选择巡检的结果。"},
    )
    seen = reason_field(
        "巡检内容和情况",
        "看了哪些设备、介质和日志，情况怎样，做了哪些维护。不要写证件号码和密码。",
        longest=2000,
    )
    virus_data_on = day_field("病毒库日期", "服务器上病毒库的日期。没有安装的留空，并在上面写明。")

    field_order = ["inspected_at", "outcome", "seen", "virus_data_on"]

    def __init__(self, *args: object, staff: Staff, worst: Condition, **kwargs: object) -> None:
        super().__init__(*args, staff=staff, capacities=INSPECTORS, **kwargs)  # type: ignore[arg-type]
        self.fields["inspected_at"].initial = timezone.localtime()
        self.worst = worst

    def clean(self) -> dict[str, Any]:
        """Nothing from the future, and no failure called well."""
        data = super().clean() or self.cleaned_data
        if data.get("inspected_at") and data["inspected_at"] > timezone.now():
            self.add_error("inspected_at", "巡检时间不能晚于现在。")
        if data.get("virus_data_on") and data["virus_data_on"] > timezone.localdate():
            self.add_error("virus_data_on", "病毒库日期不能晚于今天。")
        if data.get("outcome") == "yes" and self.worst == Condition.FAILURE:
            self.add_error("outcome", SENTENCES["inspection_calls_failures_well"])
        return data


class HazardForm(ConfirmationForm):
    """报告隐患, with the measure proposed."""

    grade = forms.ChoiceField(
        label="等级", choices=[("", "请选择"), *HazardGrade.choices], error_messages={"required": "请选择等级。"}
    )
    description = reason_field(
        "隐患情况", "哪里、什么隐患、可能的后果。不要写证件号码和密码。", longest=1000,
        required=SENTENCES["hazard_without_a_description"],
    )  # fmt: skip
    measure = reason_field(
        "建议措施", "建议怎样处理、需要什么、多长时间。", longest=1000, required=SENTENCES["hazard_without_a_measure"]
    )

    field_order = ["grade", "description", "measure"]

    def __init__(self, *args: object, staff: Staff, **kwargs: object) -> None:
        super().__init__(*args, staff=staff, capacities=REPORTERS, **kwargs)  # type: ignore[arg-type]


_TEXTS = {
    HazardStepKind.INSTRUCTION: ("批示", "同意建议的措施，或要求怎样处理、由谁处理。"),
    HazardStepKind.ACTION: ("处理情况", "做了什么、何时完成、怎样确认隐患已经消除。"),
    HazardStepKind.CLOSING: ("复核意见", "怎样复核的，结论。销号后不能更改。"),
}


class HazardStepForm(ConfirmationForm):
    """One step, on the state that was seen; an instruction may set a day."""

    state = forms.CharField(max_length=10, widget=forms.HiddenInput(), error_messages={"required": "请刷新页面。"})
    due_on = day_field("完成期限", "到期没有处理的，系统页以红色提示。可以不填。")

    def __init__(self, *args: object, staff: Staff, hazard: Hazard, step: HazardStepKind, **kwargs: object) -> None:
        super().__init__(*args, staff=staff, capacities=TAKERS[step], **kwargs)  # type: ignore[arg-type]
        label, hint = _TEXTS[step]
        self.fields["text"] = reason_field(label, hint, longest=1000)
        self.fields["state"].initial = hazard.state
        if step != HazardStepKind.INSTRUCTION:
            del self.fields["due_on"]
        self.order_fields(["state", "text", "due_on", "capacity", "otp"])

    def clean(self) -> dict[str, Any]:
        """No day that is over."""
        data = super().clean() or self.cleaned_data
        if data.get("due_on") and data["due_on"] < timezone.localdate():
            self.add_error("due_on", SENTENCES["hazard_is_due_in_the_past"])
        return data
