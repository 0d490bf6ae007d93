"""The forms of 核查: which certificate is hidden and why, and what becomes of it."""

from django import forms

from certificates import certnumber
from certificates.certnumber import CertNumberError
from uploads.pages.confirmation import ConfirmationForm
from uploads.pages.forms.explanations import refuse_id_numbers
from uploads.pages.forms.fields import reason_field
from uploads.refusals import SENTENCES


class ReviewOrderForm(ConfirmationForm):
    """Hide one certificate."""

    certificate_number = forms.CharField(
        label="证书编号",
        max_length=80,
        widget=forms.TextInput(attrs={"class": "number", "autocomplete": "off", "spellcheck": "false"}),
        error_messages={"required": "请输入证书编号。", "max_length": "最多 80 个字符。"},
    )
    reason = reason_field(
        "核查的原因",
        "留存备查，不对外显示。不要写证件号码。",
        longest=500,
        required=SENTENCES["review_without_a_reason"],
    )
    document = forms.CharField(
        label="依据的文号（可不填）",
        required=False,
        max_length=100,
        error_messages={"max_length": "文号最多 100 字。"},
    )

    def clean_certificate_number(self) -> str:
        """As the register writes it."""
        try:
            return certnumber.parse(self.cleaned_data["certificate_number"]).text
        except CertNumberError as error:
            raise forms.ValidationError("这不是完整的证书编号。请核对后重新输入。") from error

    def clean_reason(self) -> str:
        """Reasons stay on record: no place for an ID number."""
        return refuse_id_numbers(self.cleaned_data["reason"])


class ReviewDecisionForm(ConfirmationForm):
    """Lift it, or confirm the suspicion."""

    decision = forms.ChoiceField(
        label="决定",
        choices=[("lifted", "解除核查，恢复公开查询"), ("confirmed", "情况属实，等待撤销")],
        widget=forms.RadioSelect,
        error_messages={"required": "请选择一项。", "invalid_choice": "请选择一项。"},
    )
    reason = reason_field(
        "理由", "留存备查，不对外显示。不要写证件号码。", longest=500, required=SENTENCES["review_without_a_reason"]
    )

    def __init__(self, *args: object, confirmed: bool, **kwargs: object) -> None:
        super().__init__(*args, **kwargs)  # type: ignore[arg-type]
        if confirmed:
            self.fields["decision"].choices = [("lifted", "解除核查，恢复公开查询")]  # type: ignore[attr-defined]
            self.fields["decision"].initial = "lifted"

    def clean_reason(self) -> str:
        """As above."""
        return refuse_id_numbers(self.cleaned_data["reason"])
