"""The confirmations of 补录: opening a campaign, a later deadline, the end of one, and an office's coverage."""

from collections.abc import Collection, Iterable
from datetime import date
from typing import Any

from django import forms
from django.utils import timezone

from certificates.models import Office
from certificates.models.offices import CoverageState
from uploads.models import Capacity
from uploads.pages.confirmation import ConfirmationForm
from uploads.pages.forms.fields import reason_field
from uploads.pages.frame import Staff

FIRST_YEAR = 1949
# A mistyped year couldn't be taken back, only closed.
DAYS_AT_MOST = 5 * 366
DAY_FORMATS = ["%Y-%m-%d", "%Y/%m/%d", "%Y%m%d", "%Y年%m月%d日"]


def day_field(label: str, help_text: str = "", *, required: bool = True) -> forms.DateField:
    """A day, typed or picked."""
    return forms.DateField(
        label=label,
        help_text=help_text,
        required=required,
        widget=forms.DateInput(attrs={"type": "date"}, format="%Y-%m-%d"),
        input_formats=DAY_FORMATS,
        error_messages={"required": f"请填写{label}。", "invalid": f"{label}应写成 2027-06-30 这样。"},
    )


def year_field(label: str) -> forms.IntegerField:
    """A year of issue, four digits."""
    return forms.IntegerField(
        label=label,
        min_value=FIRST_YEAR,
        max_value=9999,
        widget=forms.TextInput(attrs={"class": "number", "inputmode": "numeric", "autocomplete": "off"}),
        error_messages={
            "required": f"请填写{label}。",
            "invalid": f"{label}是四位数的年份，例如 2004。",
            "min_value": f"{label}不能早于 {FIRST_YEAR} 年。",
            "max_value": f"{label}是四位数的年份，例如 2004。",
        },
    )


def _check_deadline(deadline: date) -> date:
    today = timezone.localdate()
    if deadline < today:
        raise forms.ValidationError("截止日期不能早于今天。")
    if (deadline - today).days > DAYS_AT_MOST:
        raise forms.ValidationError("截止日期在五年以后，请核对年份。")
    return deadline


class OpeningForm(ConfirmationForm):
    """A new campaign."""

    name = forms.CharField(
        label="名称",
        help_text="例如：2004 至 2008 年证书补录。",
        max_length=60,
        error_messages={"required": "请填写名称。", "max_length": "名称最多 60 字。"},
        widget=forms.TextInput(attrs={"autocomplete": "off"}),
    )
    first_year = year_field("起始年份")
    last_year = year_field("截止年份")
    deadline = day_field("截止日期", "当天仍可上报。")
    offices = forms.MultipleChoiceField(
        label="要求上报的单位",
        widget=forms.CheckboxSelectMultiple,
        error_messages={"required": "请至少选择一个上报单位。", "invalid_choice": "请从列表中选择上报单位。"},
    )

    field_order = ["name", "first_year", "last_year", "deadline", "offices"]

    def __init__(
        self, *args: object, staff: Staff, capacities: Collection[Capacity], offices: Iterable[Office], **kwargs: object
    ) -> None:
        super().__init__(*args, staff=staff, capacities=capacities, **kwargs)
        choices = [(office.code, office.name) for office in offices]
        self.fields["offices"].choices = choices  # type: ignore[attr-defined]
        self.fields["offices"].initial = [code for code, _ in choices]

    def clean_deadline(self) -> date:
        """Not in the past, and within five years."""
        return _check_deadline(self.cleaned_data["deadline"])

    def clean(self) -> dict[str, Any]:
        """Years that run forward and have been."""
        data = super().clean() or self.cleaned_data
        first, last = data.get("first_year"), data.get("last_year")
        if last and last > timezone.localdate().year:
            self.add_error("last_year", "截止年份不能晚于今年。")
        elif first and last and first > last:
            self.add_error("last_year", "截止年份不能早于起始年份。")
        return data


class ExtendingForm(ConfirmationForm):
    """A later deadline."""

    deadline = day_field("新的截止日期", "当天仍可上报。")
    reason = reason_field("延期原因", "所有工作人员都能看到。")

    field_order = ["deadline", "reason"]

    def clean_deadline(self) -> date:
        """Not in the past, and within five years; that it is later than the old one, the database says."""
        return _check_deadline(self.cleaned_data["deadline"])


class ClosingForm(ConfirmationForm):
    """The end of a campaign."""

    reason = reason_field("关闭原因", "所有工作人员都能看到。")


class CoverageForm(ConfirmationForm):
    """What the public is told of an office's older certificates."""

    state = forms.ChoiceField(
        label="收录情况",
        choices=CoverageState.choices,
        widget=forms.RadioSelect,
        error_messages={"required": "请选择收录情况。", "invalid_choice": "请选择收录情况。"},
    )
    complete_from = day_field(
        "从哪一天起已齐全", "已齐全的必须填写；整理中、未开始的，如某日以后的已齐全，也填写。", required=False
    )

    field_order = ["state", "complete_from"]

    def clean_complete_from(self) -> date | None:
        """A day that has been."""
        day: date | None = self.cleaned_data["complete_from"]
        if day is not None and (day > timezone.localdate() or day.year < FIRST_YEAR):
            raise forms.ValidationError(f"日期应在 {FIRST_YEAR} 年以后，且不能晚于今天。")
        return day

    def clean(self) -> dict[str, Any]:
        """已齐全 says from when."""
        data = super().clean() or self.cleaned_data
        missing = data.get("state") == CoverageState.COMPLETE and data.get("complete_from") is None
        if missing and "complete_from" not in self.errors:
            self.add_error("complete_from", "已齐全的，请填写从哪一天起。")
        return data
