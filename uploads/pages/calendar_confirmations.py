"""The confirmations of the calendar: an extension, an order to publish before the day, and days off by a notice."""

from collections.abc import Collection, Iterable
from datetime import timedelta
from typing import Any

from django import forms
from django.utils import timezone

from certificates.models import Office
from certlookup.calendar.periods import Period
from uploads.models import Capacity
from uploads.pages.confirmation import ConfirmationForm
from uploads.pages.forms.calendar import MomentField, runs_backward
from uploads.pages.forms.fields import reason_field
from uploads.pages.frame import Staff
from uploads.refusals import SENTENCES

FURTHEST = timedelta(days=366)


class _PeriodForm(ConfirmationForm):
    """A confirmation about one period."""

    period = forms.ChoiceField(
        label="期次", error_messages={"required": "请选择期次。", "invalid_choice": "请从列表中选择期次。"}
    )

    def __init__(
        self,
        *args: object,
        staff: Staff,
        capacities: Collection[Capacity],
        periods: Iterable[Period],
        **kwargs: object,
    ) -> None:
        super().__init__(*args, staff=staff, capacities=capacities, **kwargs)
        self.fields["period"].choices = [(period.code, period.label) for period in periods]  # type: ignore[attr-defined]


class ExtensionForm(_PeriodForm):
    """延期 for one office or for all."""

    office = forms.ChoiceField(label="上报单位", required=False)
    opens_at = MomentField(label="开始时间")
    closes_at = MomentField(label="截止时间", help_text="北京时间，到这一刻为止。")
    reason = reason_field("延期原因", "所有工作人员都能看到。")

    field_order = ["period", "office", "opens_at", "closes_at", "reason"]

    def __init__(self, *args: object, offices: Iterable[Office], **kwargs: object) -> None:
        super().__init__(*args, **kwargs)  # type: ignore[arg-type]
        self.fields["office"].choices = [  # type: ignore[attr-defined]
            ("", "全部单位"),
            *((office.code, office.name) for office in offices),
        ]

    def clean(self) -> dict[str, Any]:
        """The end comes after the beginning, and both within a year of today: a mistyped year would stay for ever."""
        data = super().clean() or self.cleaned_data
        for name in ("opens_at", "closes_at"):
            moment = data.get(name)
            if moment and abs(moment - timezone.now()) > FURTHEST:
                self.add_error(name, f"{self.fields[name].label}与现在相差一年以上，请核对年份。")
        if runs_backward(data.get("opens_at"), data.get("closes_at")):
            self.add_error("closes_at", "截止时间要晚于开始时间。")
        return data


class OrderForm(_PeriodForm):
    """提前上网指示."""

    reason = reason_field("提前上网的原因", "所有工作人员都能看到。")


class HolidaysConfirmation(ConfirmationForm):
    """放假安排 whose consequences were shown: seen is the mark of the list that the person has read."""

    seen = forms.RegexField(
        r"^[0-9a-f]{64}$",
        widget=forms.HiddenInput(),
        error_messages=dict.fromkeys(("required", "invalid"), SENTENCES["holidays_moved_since_seen"]),
    )

    def __init__(
        self, *args: object, staff: Staff, capacities: Collection[Capacity], now_seen: str, **kwargs: object
    ) -> None:
        super().__init__(*args, staff=staff, capacities=capacities, initial={"seen": now_seen}, **kwargs)
        self.now_seen = now_seen

    def clean_seen(self) -> str:
        """Another list than the one that was read costs no code."""
        if self.cleaned_data["seen"] != self.now_seen:
            raise forms.ValidationError(SENTENCES["holidays_moved_since_seen"])
        return self.now_seen
