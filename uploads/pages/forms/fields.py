"""Fields that several staff forms share."""

import unicodedata

from django import forms
from django.core.validators import RegexValidator

from uploads.refusals import SENTENCES


class CodeInput(forms.TextInput):
    """Comes back empty: a code that was shown once is of no more use."""

    def format_value(self, value: object) -> None:
        return None


class CodeField(forms.CharField):
    """A six-digit code from the authenticator; spaces and full-width digits are forgiven."""

    def __init__(self, **kwargs: object) -> None:
        kwargs.setdefault("label", "动态码")
        kwargs.setdefault("help_text", "身份验证器上显示的 6 位数字，每 30 秒更换一次。")
        kwargs.setdefault("error_messages", {"required": "请输入动态码。"})
        kwargs.setdefault(
            "widget",
            CodeInput(
                attrs={"class": "number code", "inputmode": "numeric", "autocomplete": "one-time-code", "maxlength": 12}
            ),
        )
        super().__init__(validators=[RegexValidator(r"^[0-9]{6}$", "动态码是 6 位数字。")], **kwargs)

    def to_python(self, value: object) -> str:
        """Plain digits."""
        return "".join(unicodedata.normalize("NFKC", str(super().to_python(value) or "")).split())


class RecoveryCodeField(forms.CharField):
    """One of the ten codes that were shown once; case, spaces and hyphens are forgiven."""

    def __init__(self, **kwargs: object) -> None:
        kwargs.setdefault("label", "恢复码")
        kwargs.setdefault("help_text", "您保存的 10 个恢复码中没有用过的一个，如 abcde-23456。每个只能用一次。")
        kwargs.setdefault("error_messages", {"required": "请输入恢复码。", "max_length": "恢复码是 10 个字符。"})
        kwargs.setdefault(
            "widget",
            CodeInput(
                attrs={"class": "number code", "autocomplete": "off", "autocapitalize": "none", "spellcheck": "false"}
            ),
        )
        super().__init__(
            max_length=30, validators=[RegexValidator(r"^[a-z0-9]{10}$", "恢复码是 10 个字符，请核对。")], **kwargs
        )

    def to_python(self, value: object) -> str:
        """Small letters and digits."""
        plain = unicodedata.normalize("NFKC", str(super().to_python(value) or "")).casefold()
        return "".join(plain.replace("-", "").split())


class StaffNumberField(forms.CharField):
    """A staff number; case, spaces and full-width characters are forgiven."""

    def __init__(self, **kwargs: object) -> None:
        kwargs.setdefault("label", "工号")
        kwargs.setdefault("error_messages", {"required": "请输入工号。"})
        kwargs.setdefault(
            "widget",
            forms.TextInput(
                attrs={"class": "number", "autocomplete": "username", "autocapitalize": "none", "spellcheck": "false"}
            ),
        )
        super().__init__(max_length=60, **kwargs)
        self.error_messages.setdefault("max_length", "工号太长，请核对。")

    def to_python(self, value: object) -> str:
        """Capitals without spaces."""
        return "".join(unicodedata.normalize("NFKC", str(super().to_python(value) or "")).split()).upper()


def password_field(label: str, *, new: bool = False, help_text: str = "") -> forms.CharField:
    """A password, kept exactly as typed."""
    return forms.CharField(
        label=label,
        help_text=help_text,
        strip=False,
        max_length=256,
        widget=forms.PasswordInput(attrs={"autocomplete": "new-password" if new else "current-password"}),
        error_messages={"required": f"请输入{label}。", "max_length": "密码最多 128 个字符。"},
    )


def reason_field(label: str, help_text: str, *, longest: int = 200, required: str = "") -> forms.CharField:
    """A reason that goes on record; `required` is the sentence for an empty one, where it says more than the label."""
    return forms.CharField(
        label=label,
        help_text=help_text,
        max_length=longest,
        widget=forms.Textarea(attrs={"rows": 3}),
        error_messages={"required": required or f"请填写{label}。", "max_length": f"{label}最多 {longest} 字。"},
    )


def return_reason_field() -> forms.CharField:
    """Why a batch or release is sent back."""
    return reason_field(
        "退回原因",
        "对方会看到：请写明哪里不对、怎样改正。不要写证件号码。",
        longest=500,
        required=SENTENCES["return_without_a_reason"],
    )
