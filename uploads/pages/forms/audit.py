"""The audit page's filter."""

from typing import Any

from django import forms

from uploads.models import Outcome
from uploads.oversight.wording import ACTIONS, SUBJECTS


class DayField(forms.DateField):
    """A day, or nothing."""

    def __init__(self, label: str) -> None:
        super().__init__(
            label=label,
            required=False,
            widget=forms.DateInput(format="%Y-%m-%d", attrs={"type": "date"}),
            input_formats=["%Y-%m-%d"],
            error_messages={"invalid": f"{label}要写成 2026-11-26 这样的日期。"},
        )


class AuditFilterForm(forms.Form):
    """Which entries are shown; empty means all."""

    person = forms.CharField(
        label="人员", required=False, max_length=60, widget=forms.TextInput(attrs={"placeholder": "工号或姓名"})
    )
    action = forms.ChoiceField(
        label="事项",
        required=False,
        choices=[("", "全部"), *((label, label) for label in dict.fromkeys(ACTIONS.values()))],
    )
    subject_kind = forms.ChoiceField(
        label="对象", required=False, choices=[("", "全部"), *sorted(SUBJECTS.items(), key=lambda item: item[1])]
    )
    subject_id = forms.CharField(
        label="对象编号",
        required=False,
        max_length=40,
        widget=forms.TextInput(attrs={"placeholder": "批次号、工号等", "autocomplete": "off"}),
    )
    outcome = forms.ChoiceField(label="结果", required=False, choices=[("", "全部"), *Outcome.choices])
    address = forms.CharField(
        label="来源地址", required=False, max_length=45, widget=forms.TextInput(attrs={"autocomplete": "off"})
    )
    first_day = DayField("从")
    last_day = DayField("到")

    def clean(self) -> dict[str, Any]:
        """The days run forward, and are such as the trail can hold."""
        data = super().clean() or self.cleaned_data
        for name in ("first_day", "last_day"):
            if (day := data.get(name)) and not 2000 <= day.year < 3000:
                self.add_error(name, "请核对年份。")
        first, last = data.get("first_day"), data.get("last_day")
        if first and last and last < first:
            self.add_error("last_day", "“到”不能早于“从”。")
        return data
