"""The confirmations about people: a capacity given, ended or delegated, an act on an account."""

from collections.abc import Collection
from datetime import date, datetime, time, timedelta
from typing import Any

from django import forms
from django.utils import timezone

from certificates.models import Office
from uploads.models import Capacity, CapacityGrant, Person
from uploads.pages.confirmation import ConfirmationForm
from uploads.pages.forms.fields import StaffNumberField, reason_field
from uploads.pages.frame import Staff
from uploads.people.capacities import LONGEST_DELEGATION


def _day(label: str, help_text: str, *, required: bool = False) -> forms.DateField:
    return forms.DateField(
        label=label,
        help_text=help_text,
        required=required,
        widget=forms.DateInput(format="%Y-%m-%d", attrs={"type": "date"}),
        error_messages={"required": f"请填写{label}。", "invalid": f"{label}要写成 2026-11-03 这样的日期。"},
    )


def _begins(day: date | None) -> datetime:
    """The day's first moment, or now, if it has begun."""
    if day is None or day <= timezone.localdate():
        return timezone.now()
    return timezone.make_aware(datetime.combine(day, time.min))


def _ends(day: date) -> datetime:
    """The moment after the day's last."""
    return timezone.make_aware(datetime.combine(day + timedelta(days=1), time.min))


class ReasonForm(ConfirmationForm):
    """An act on an account, with its reason."""

    reason = reason_field("原因", "记入审计，不要写证件号码。")


class PlainConfirmationForm(ConfirmationForm):
    """An act that needs no words."""


class _DaysForm(ConfirmationForm):
    """From a day to a day."""

    first_day = _day("开始日期", "空着就是马上开始。")
    last_day = _day("最后一天", "到这一天结束为止。")

    def clean(self) -> dict[str, Any]:
        """The days run forward and haven't passed."""
        data = super().clean() or self.cleaned_data
        first, last, today = data.get("first_day"), data.get("last_day"), timezone.localdate()
        if first and first < today:
            self.add_error("first_day", "开始日期不能早于今天。")
        if last and last < (first or today):
            self.add_error("last_day", "最后一天不能早于开始日期或今天。")
        return data

    @property
    def valid_from(self) -> datetime:
        """After is_valid()."""
        return _begins(self.cleaned_data["first_day"])

    @property
    def valid_to(self) -> datetime | None:
        """After is_valid()."""
        last: date | None = self.cleaned_data["last_day"]
        return _ends(last) if last else None


class GrantForm(_DaysForm):
    """授予身份. `capacity` is in which one acts, `given` what is given."""

    given = forms.ChoiceField(
        label="授予的身份",
        choices=[("", "请选择"), *Capacity.choices],
        error_messages={"required": "请选择授予的身份。", "invalid_choice": "请从列表中选择身份。"},
    )
    office = forms.ModelChoiceField(
        label="上报单位",
        queryset=Office.objects.order_by("code"),
        required=False,
        empty_label="省级身份不选",
        help_text="市经办人和市鉴定中心主任要选，其他身份不选。",
    )
    field_order = ("given", "office", "first_day", "last_day")

    def clean(self) -> dict[str, Any]:
        """A city's capacity names its office, the province's none."""
        data = super().clean() or self.cleaned_data
        given = data.get("given")
        if given and Capacity(given).belongs_to_an_office != (data.get("office") is not None):
            sentence = "请选择上报单位。" if data.get("office") is None else "省级身份不选上报单位。"
            self.add_error("office", sentence)
        return data


class DelegationForm(_DaysForm):
    """委托代理: which of the holder's capacities, to whom, until when."""

    grant = forms.ChoiceField(
        label="委托的身份", error_messages={"required": "请选择委托的身份。", "invalid_choice": "请从列表中选择身份。"}
    )
    staff_number = StaffNumberField(label="代理人的工号", help_text="同一单位、有在用账号的人员。")
    last_day = _day("最后一天", f"到这一天结束为止，最长 {LONGEST_DELEGATION.days} 天。", required=True)
    field_order = ("grant", "staff_number", "first_day", "last_day")

    def __init__(
        self,
        *args: object,
        staff: Staff,
        capacities: Collection[Capacity],
        grants: Collection[CapacityGrant],
        **kwargs: object,
    ) -> None:
        super().__init__(*args, staff=staff, capacities=capacities, **kwargs)
        self.grants = {str(grant.pk): grant for grant in grants}
        field = self.fields["grant"]
        field.choices = [(key, titled(grant)) for key, grant in self.grants.items()]  # type: ignore[attr-defined]
        if len(self.grants) == 1:
            field.initial = next(iter(self.grants))

    def clean_staff_number(self) -> Person:
        """Somebody who is recorded."""
        person = Person.objects.filter(staff_number=self.cleaned_data["staff_number"]).first()
        if person is None:
            raise forms.ValidationError("没有这个工号，请核对。")
        return person

    def clean(self) -> dict[str, Any]:
        """At most thirty days."""
        data = super().clean() or self.cleaned_data
        last = data.get("last_day")
        if last and "last_day" not in self.errors and _ends(last) - _begins(data.get("first_day")) > LONGEST_DELEGATION:
            self.add_error("last_day", f"代理最长 {LONGEST_DELEGATION.days} 天，请选早一点的日期。")
        return data

    @property
    def delegated(self) -> CapacityGrant:
        """The grant that is delegated; after is_valid()."""
        return self.grants[self.cleaned_data["grant"]]


def titled(grant: CapacityGrant) -> str:
    """The capacity with its office."""
    label = str(Capacity(grant.capacity).label)
    return f"{label}（{grant.office.name}）" if grant.office else label
