"""Fields that several staff forms share."""

import unicodedata

from django import forms
from django.core.validators import RegexValidator


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
