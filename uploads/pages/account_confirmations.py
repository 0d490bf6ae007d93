"""The confirmations about the own account."""

from django import forms

from uploads.pages.confirmation import SecondFactorForm


class NewKeyForm(SecondFactorForm):
    """A new security key: its name, and what the browser got from it."""

    name = forms.CharField(
        label="密钥的名称",
        max_length=40,
        help_text="自己认得出的名称，如“办公室的蓝色密钥”。",
        error_messages={"required": "请给密钥起一个名称。", "max_length": "名称最多 %(limit_value)d 个字。"},
    )
    key_answer = forms.CharField(
        label="安全密钥的回答",
        max_length=20_000,
        widget=forms.HiddenInput(),
        error_messages=dict.fromkeys(("required", "max_length"), "没有收到安全密钥的回答，请再试一次。"),
    )
