"""The confirmations of 介质保管."""

from datetime import date
from typing import Any

from django import forms
from django.conf import settings
from django.utils import timezone

from uploads.backup.custody import receivers
from uploads.backup.places import place_name
from uploads.models import KEEPING, Capacity, HandOver, HandOverAnswer, Person
from uploads.pages.campaign_confirmations import day_field
from uploads.pages.confirmation import ConfirmationForm
from uploads.pages.forms.explanations import refuse_id_numbers
from uploads.pages.forms.fields import reason_field
from uploads.pages.frame import Staff

NOWHERE = "不在服务器上"


def place_field() -> forms.ChoiceField:
    """One of the configured places for media."""
    return forms.ChoiceField(
        label="接在服务器的哪个位置",
        required=False,
        error_messages={"invalid_choice": "请从列表中选择位置。"},
    )


def _fill_places(field: forms.Field) -> None:
    choices = [(str(place), place_name(place)) for place in settings.BACKUP_PLACES[1:]]
    field.choices = [("", NOWHERE), *choices]  # type: ignore[attr-defined]


class RegisteringForm(ConfirmationForm):
    """A new medium."""

    serial_number = forms.CharField(
        label="出厂序列号",
        help_text="印在介质外壳上，或由系统信息读出。",
        max_length=80,
        widget=forms.TextInput(attrs={"class": "number", "autocomplete": "off", "spellcheck": "false"}),
        error_messages={"required": "请填写介质的出厂序列号。", "max_length": "序列号最多 80 个字符。"},
    )
    place = place_field()
    field_order = ["serial_number", "place"]

    def __init__(self, *args: object, staff: Staff, **kwargs: object) -> None:
        super().__init__(*args, staff=staff, capacities=[Capacity.NETWORK_ADMINISTRATOR], **kwargs)  # type: ignore[arg-type]
        _fill_places(self.fields["place"])


class PlacingForm(ConfirmationForm):
    """Where a medium is plugged in."""

    place = place_field()

    def __init__(self, *args: object, staff: Staff, present: str, **kwargs: object) -> None:
        kwargs["initial"] = {"place": present}
        super().__init__(*args, staff=staff, capacities=[Capacity.NETWORK_ADMINISTRATOR], **kwargs)  # type: ignore[arg-type]
        _fill_places(self.fields["place"])


class HandOverForm(ConfirmationForm):
    """To whom, until when."""

    receiver = forms.ChoiceField(
        label="接收人",
        help_text="接收人确认以前，介质仍算由您保管。",
        error_messages={"required": "请选择接收人。", "invalid_choice": "请从列表中选择接收人。"},
    )
    due_back_on = day_field("归还日期（可不填）", "到这一天还没有归还的，列为逾期。", required=False)
    remark = forms.CharField(
        label="说明（可不填）",
        required=False,
        max_length=500,
        widget=forms.Textarea(attrs={"rows": 2}),
        error_messages={"max_length": "说明最多 500 字。"},
    )
    field_order = ["receiver", "due_back_on", "remark"]

    def __init__(self, *args: object, staff: Staff, held_as: str, **kwargs: object) -> None:
        allowed = [Capacity(held_as)] if staff.holds(Capacity(held_as)) else [Capacity.NETWORK_ADMINISTRATOR]
        super().__init__(*args, staff=staff, capacities=allowed, **kwargs)  # type: ignore[arg-type]
        self._receivers = {
            f"{grant.capacity}-{grant.person_id}": grant for grant in receivers(staff.person, timezone.now())
        }
        self.fields["receiver"].choices = [  # type: ignore[attr-defined]
            ("", "请选择"),
            *(
                (key, f"{grant.person.name}（{grant.get_capacity_display()}）")
                for key, grant in self._receivers.items()
            ),
        ]

    @property
    def taken_by(self) -> tuple[Person, str]:
        """Who takes it, and as what; after is_valid()."""
        grant = self._receivers[self.cleaned_data["receiver"]]
        return grant.person, grant.capacity

    def clean_due_back_on(self) -> date | None:
        """Not before today."""
        due: date | None = self.cleaned_data["due_back_on"]
        if due and due < timezone.localdate():
            raise forms.ValidationError("归还日期不能早于今天。")
        return due

    def clean_remark(self) -> str:
        """It stays on record."""
        return refuse_id_numbers(self.cleaned_data["remark"])


class AnswerForm(ConfirmationForm):
    """The other side's word, or the giver's second thought."""

    answer = forms.ChoiceField(
        label="办理",
        widget=forms.RadioSelect,
        error_messages={"required": "请选择一项。", "invalid_choice": "请选择一项。"},
    )
    reason = forms.CharField(
        label="原因（接收的可不填）",
        help_text="双方都会看到。不要写证件号码。",
        required=False,
        max_length=500,
        widget=forms.Textarea(attrs={"rows": 2}),
        error_messages={"max_length": "原因最多 500 字。"},
    )
    field_order = ["answer", "reason"]

    def __init__(self, *args: object, staff: Staff, hand_over: HandOver, **kwargs: object) -> None:
        receives = staff.person.pk == hand_over.given_to_id
        acting = Capacity(hand_over.taken_as if receives else hand_over.given_as)
        super().__init__(*args, staff=staff, capacities=[acting], **kwargs)  # type: ignore[arg-type]
        self.fields["answer"].choices = (  # type: ignore[attr-defined]
            [
                (HandOverAnswer.RECEIVED.value, "已收到介质，序列号与标签核对一致"),
                (HandOverAnswer.DECLINED.value, "没有收到，或与标签不符，不接收"),
            ]
            if receives
            else [(HandOverAnswer.WITHDRAWN.value, "撤回这次交接，介质仍由我保管")]
        )
        if not receives:
            self.fields["answer"].initial = HandOverAnswer.WITHDRAWN.value

    def clean(self) -> dict[str, Any]:
        """Whoever doesn't receive it says why."""
        data = super().clean() or self.cleaned_data
        if data.get("answer") not in (None, HandOverAnswer.RECEIVED.value) and not (data.get("reason") or "").strip():
            self.add_error("reason", "请填写原因，双方都会看到。")
        return data

    def clean_reason(self) -> str:
        """It stays on record."""
        return refuse_id_numbers(self.cleaned_data["reason"])


class ReasonForm(ConfirmationForm):
    """Lost, found again, or used no more: with the reason."""

    reason = reason_field("情况说明", "记录在案。不要写证件号码。", longest=500, required="请填写原因，记录在案。")

    def __init__(self, *args: object, staff: Staff, anybody: bool = False, **kwargs: object) -> None:
        allowed = KEEPING if anybody else (Capacity.NETWORK_ADMINISTRATOR,)
        super().__init__(*args, staff=staff, capacities=allowed, **kwargs)  # type: ignore[arg-type]

    def clean_reason(self) -> str:
        """It stays on record."""
        return refuse_id_numbers(self.cleaned_data["reason"])
