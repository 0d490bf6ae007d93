"""One confirmation for several batches: which of them, each with the digest that was seen."""

from collections.abc import Sequence
from dataclasses import dataclass

from django import forms

from uploads.models import Capacity
from uploads.pages.confirmation import ConfirmationForm
from uploads.pages.frame import Staff


@dataclass(frozen=True, slots=True)
class Seen:
    """A batch to submit, and its content as the page showed it."""

    batch_id: int
    digest: bytes


class SubmitManyForm(ConfirmationForm):
    """The batches to hand in, by one code; each is named together with its digest."""

    batches = forms.MultipleChoiceField(
        label="要提交的批次",
        widget=forms.CheckboxSelectMultiple,
        error_messages={
            "required": "请勾选要提交的批次。",
            "invalid_choice": "有批次在您打开本页以后有变化，或已不能提交。请重新核对后再勾选。",
        },
    )

    def __init__(self, *args: object, staff: Staff, offered: Sequence[tuple[str, str]], **kwargs: object) -> None:
        super().__init__(
            *args,
            staff=staff,
            capacities=[Capacity.PROVINCIAL_OPERATOR],
            initial={"batches": [value for value, _ in offered]},
            **kwargs,
        )
        self.fields["batches"].choices = offered  # type: ignore[attr-defined]

    @property
    def chosen(self) -> list[Seen]:
        """After is_valid()."""
        pairs = (value.split(":") for value in self.cleaned_data["batches"])
        return [Seen(int(batch_id), bytes.fromhex(digest)) for batch_id, digest in pairs]


def value_of(batch_id: int, digest: str) -> str:
    """A batch as the form's checkbox carries it."""
    return f"{batch_id}:{digest}"
