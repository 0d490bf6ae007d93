"""The form of an explanation: why warnings of a file are right."""

import re

from django import forms

from uploads.refusals import SENTENCES

_ID_NUMBER = re.compile(r"(?<![0-9])(?:[0-9]{17}[0-9Xx]|[0-9]{15})(?![0-9])")


def refuse_id_numbers(text: str) -> str:
    """What everybody reads and what stays is no place for an ID number. Raises ValidationError."""
    if _ID_NUMBER.search(text):
        raise forms.ValidationError("说明中不能写证件号码。请改写行号或证书编号。")
    return text


class ExplanationForm(forms.Form):
    """One explanation, as every later signer reads it."""

    text = forms.CharField(
        label="原因",
        max_length=500,
        widget=forms.Textarea(attrs={"rows": 3}),
        help_text="例如为什么本期才上报。后面的签字人都会看到；不要写证件号码。",
        error_messages={
            "required": SENTENCES["explanation_says_nothing"],
            "max_length": "最多 %(limit_value)d 个字，现在有 %(show_value)d 个字。",
        },
    )

    def __init__(self, *args: object, **kwargs: object) -> None:
        super().__init__(*args, auto_id="id_explanation_%s", **kwargs)

    def clean_text(self) -> str:
        """Explanations are read by everybody who signs, and stay: no place for an ID number."""
        return refuse_id_numbers(self.cleaned_data["text"])
