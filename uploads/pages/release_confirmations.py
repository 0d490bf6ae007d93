"""The confirmations on a release's page: a signature, and 上传上网."""

from collections.abc import Collection

from django import forms

from uploads.models import Capacity
from uploads.pages.confirmation import ConfirmationForm
from uploads.pages.frame import Staff


class SignReleaseForm(ConfirmationForm):
    """A signature on what was seen: the digest travels with the form."""

    digest = forms.RegexField(
        r"^[0-9a-f]{64}$",
        widget=forms.HiddenInput(),
        error_messages=dict.fromkeys(("required", "invalid"), "页面上的数据摘要不完整，请刷新页面后重新核对。"),
    )


class PublishReleaseForm(SignReleaseForm):
    """上传上网; after the release's day with the reason why it is late."""

    late_reason = forms.CharField(
        label="延迟上网的原因",
        help_text="随本次上网公布并存档。",
        max_length=200,
        widget=forms.Textarea(attrs={"rows": 3}),
        error_messages={
            "required": "已过上网日期，请填写延迟上网的原因。",
            "max_length": "延迟上网的原因最多 200 字。",
        },
    )

    def __init__(
        self, *args: object, staff: Staff, capacities: Collection[Capacity], is_late: bool, **kwargs: object
    ) -> None:
        super().__init__(*args, staff=staff, capacities=capacities, **kwargs)
        if not is_late:
            del self.fields["late_reason"]
