"""One confirmation for several signatures: on what, in which capacity, and with which content as the page showed it."""

import re
from collections.abc import Sequence
from dataclasses import dataclass

from django import forms

from uploads.models import Capacity
from uploads.pages.confirmation import ConfirmationForm
from uploads.pages.frame import Staff

AT_MOST = 100
# 上传上网 is confirmed by itself, on the release's page.
SIGNERS = tuple(
    capacity.value
    for capacity in (
        Capacity.CITY_OPERATOR,
        Capacity.CITY_DIRECTOR,
        Capacity.PROVINCIAL_OPERATOR,
        Capacity.DEPARTMENT_HEAD,
        Capacity.DEPUTY_DIRECTOR,
    )
)
_VALUE = re.compile(rf"(batch|submission|release):([0-9]{{1,18}}):({'|'.join(SIGNERS)}):([0-9a-f]{{64}})")


@dataclass(frozen=True, slots=True)
class Seen:
    """A batch to sign or to submit, or a release to sign: its content as the page showed it."""

    subject: str
    subject_id: int
    capacity: Capacity
    digest: bytes


def value_of(subject: str, subject_id: int, capacity: str, digest: str) -> str:
    """It as the form's checkbox carries it."""
    return f"{subject}:{subject_id}:{capacity}:{digest}"


class SeenField(forms.MultipleChoiceField):
    """Takes what was shown at any time: whether it still stands is for each signature to find, not for all of them."""

    def valid_value(self, value: str) -> bool:
        """Only its form."""
        return _VALUE.fullmatch(value) is not None


class SignManyForm(ConfirmationForm):
    """What to sign, by one code; nothing is ticked beforehand."""

    chosen = SeenField(
        label="要签字的批次",
        widget=forms.CheckboxSelectMultiple,
        error_messages={
            "required": "请勾选要签字的批次。",
            "invalid_choice": "页面上的数据摘要不完整，请刷新页面后重新核对。",
        },
    )

    def __init__(self, *args: object, staff: Staff, offered: Sequence[tuple[str, str]], **kwargs: object) -> None:
        super().__init__(*args, staff=staff, capacities=staff.capacities, **kwargs)
        # Each signature has its own.
        del self.fields["capacity"]
        self.fields["chosen"].choices = offered  # type: ignore[attr-defined]

    def clean_chosen(self) -> list[Seen]:
        """Each once."""
        values = dict.fromkeys(self.cleaned_data["chosen"])
        if len(values) > AT_MOST:
            raise forms.ValidationError(f"一次最多签 {AT_MOST} 个。")
        found = [_VALUE.fullmatch(value) for value in values]
        return [Seen(match[1], int(match[2]), Capacity(match[3]), bytes.fromhex(match[4])) for match in found if match]
