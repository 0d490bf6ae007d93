"""The confirmations of 事件: reporting one, changing its beginning or nature, closing it."""

from datetime import timedelta
from typing import Any

from django import forms
from django.utils import timezone

from uploads.models import Capacity, Incident, IncidentKind, Person, PersonState
from uploads.oversight.incidents import LOOKED_BACK, NOTIFIED
from uploads.pages.confirmation import ConfirmationForm
from uploads.pages.forms.calendar import MomentField
from uploads.pages.forms.fields import StaffNumberField, reason_field
from uploads.pages.frame import Staff

FURTHEST_BACK = timedelta(days=5 * 366)
SUSPECTED = "涉嫌违法：从现在起到事件办结，暂停一切到期删除"


def since_field() -> MomentField:
    """From when on what the account did is in question."""
    return MomentField(label="起始时间", help_text="北京时间。这以后该账号办理的每一件事都列入事件。")


class SinceForm(ConfirmationForm):
    """A confirmation with the time from which on things are in question."""

    since = since_field()

    def clean(self) -> dict[str, Any]:
        """A time that has been, and not a mistyped year."""
        data = super().clean() or self.cleaned_data
        since = data.get("since")
        if since and since > timezone.now():
            self.add_error("since", "起始时间不能晚于现在。")
        elif since and since < timezone.now() - FURTHEST_BACK:
            self.add_error("since", "起始时间在五年以前，请核对年份。")
        return data


class ReportingForm(SinceForm):
    """事件 by hand. Leaders report the loss of an account, which is frozen with it; the rest is the security administrator's."""

    kind = forms.ChoiceField(label="种类", error_messages={"required": "请选择种类。"})
    account = StaffNumberField(label="涉及的账号（工号）", help_text="账号失窃的必须填写。", required=False)
    freeze = forms.BooleanField(label="立即冻结该账号，退出它的所有登录", required=False, initial=True)
    suspected_crime = forms.BooleanField(label=SUSPECTED, required=False)
    description = reason_field(
        "情况说明", "何时、怎样发现的，可能影响什么。不要写证件号码、密码和动态码。", longest=1000
    )

    field_order = ["kind", "account", "since", "freeze", "suspected_crime", "description"]

    def __init__(self, *args: object, staff: Staff, **kwargs: object) -> None:
        super().__init__(*args, staff=staff, capacities=NOTIFIED, **kwargs)  # type: ignore[arg-type]
        everything = staff.holds(Capacity.SECURITY_ADMINISTRATOR)
        kinds = IncidentKind.choices if everything else [(IncidentKind.ACCOUNT_LOSS, IncidentKind.ACCOUNT_LOSS.label)]
        self.fields["kind"].choices = kinds  # type: ignore[attr-defined]
        self.fields["since"].initial = timezone.localtime() - LOOKED_BACK
        self.account: Person | None = None

    def clean(self) -> dict[str, Any]:
        """The account is there, and what is to be frozen is in use."""
        data = super().clean()
        number = data.get("account")
        self.account = Person.objects.filter(staff_number=number).first() if number else None
        if number and self.account is None:
            self.add_error("account", "没有这个工号，请核对。")
        elif data.get("kind") == IncidentKind.ACCOUNT_LOSS and not number and "account" not in self.errors:
            self.add_error("account", "账号失窃的，请填写是哪个账号。")
        elif (data.get("freeze") and not number and "account" not in self.errors) or (
            data.get("freeze") and self.account and self.account.state != PersonState.ACTIVE
        ):
            data["freeze"] = False
        return data


class FreezingForm(ConfirmationForm):
    """Shutting the incident's account, which is still in use."""


class RevisingForm(SinceForm):
    """Another beginning, or the suspicion of a crime."""

    suspected_crime = forms.BooleanField(label=SUSPECTED, required=False)

    field_order = ["since", "suspected_crime"]

    def __init__(self, *args: object, staff: Staff, incident: Incident, **kwargs: object) -> None:
        super().__init__(
            *args,  # type: ignore[arg-type]
            staff=staff,
            capacities=[Capacity.SECURITY_ADMINISTRATOR],
            initial={"since": timezone.localtime(incident.since), "suspected_crime": incident.suspected_crime},
            **kwargs,
        )
        if incident.suspected_crime:
            self.fields["suspected_crime"].disabled = True
            self.fields["suspected_crime"].help_text = "已经标注，到事件办结时才结束。"


class ClosingForm(ConfirmationForm):
    """The end of an incident."""

    report = reason_field(
        "处理报告", "查明的情况、造成的影响、采取的措施和结论。不要写证件号码。办结后不能更改。", longest=4000
    )
