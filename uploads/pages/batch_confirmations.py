"""The confirmations on a batch's page: a signature, a submission, a return. Each asks for the second factor."""

from collections.abc import Collection

from django import forms

from uploads.models import Capacity
from uploads.pages.confirmation import ConfirmationForm
from uploads.pages.frame import Staff


class SignBatchForm(ConfirmationForm):
    """A signature or submission of what was seen: the digest travels with the form."""

    digest = forms.RegexField(
        r"^[0-9a-f]{64}$",
        widget=forms.HiddenInput(),
        error_messages=dict.fromkeys(("required", "invalid"), "页面上的数据摘要不完整，请刷新页面后重新核对。"),
    )

    @property
    def seen(self) -> bytes:
        """The digest as the actions take it; after is_valid()."""
        return bytes.fromhex(self.cleaned_data["digest"])


class ReturnBatchForm(ConfirmationForm):
    """Sending a batch back, with the reason that its office reads."""

    reason = forms.CharField(
        label="退回原因",
        help_text="写明哪里不对、怎样改正，上报单位会看到。",
        max_length=500,
        widget=forms.Textarea(attrs={"rows": 3}),
        error_messages={"required": "请填写退回原因，以便对方改正。", "max_length": "退回原因最多 500 字。"},
    )

    def __init__(self, *args: object, staff: Staff, capacities: Collection[Capacity], **kwargs: object) -> None:
        super().__init__(*args, staff=staff, capacities=capacities, auto_id="id_return_%s", **kwargs)
