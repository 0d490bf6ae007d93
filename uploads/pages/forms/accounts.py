"""The forms of login, invitation and the own account."""

from typing import Any

from django import forms

from uploads.models import Person
from uploads.pages.forms.fields import CodeField, RecoveryCodeField, StaffNumberField, password_field
from uploads.people.passwords import LEAST, password_problems

PASSWORD_HINT = f"至少 {LEAST} 个字符，不要用常见的词、自己的姓名或工号。可以用几个不相干的词连在一起。"


class LoginForm(forms.Form):
    """First step: who, and the password."""

    staff_number = StaffNumberField()
    password = password_field("密码")


class CodeForm(forms.Form):
    """Second step: the code of this moment."""

    otp = CodeField()


class RecoveryCodeForm(forms.Form):
    """Second step without the authenticator."""

    recovery_code = RecoveryCodeField()


class KeyAnswerForm(forms.Form):
    """Second step with a security key: what the browser got from it, as JSON."""

    key_answer = forms.CharField(
        max_length=20_000,
        widget=forms.HiddenInput(),
        error_messages=dict.fromkeys(("required", "max_length"), "没有收到安全密钥的回答，请再试一次。"),
    )


class NewPasswordForm(forms.Form):
    """A new password for `person`, typed twice."""

    new_password = password_field("新密码", new=True, help_text=PASSWORD_HINT)
    new_password_again = password_field("再输入一次新密码", new=True)

    def __init__(self, *args: object, person: Person, **kwargs: object) -> None:
        super().__init__(*args, **kwargs)
        self.person = person

    def clean_new_password(self) -> str:
        """Refuse a weak one, with every reason."""
        password: str = self.cleaned_data["new_password"]
        problems = password_problems(password, self.person)
        if problems:
            raise forms.ValidationError(problems)
        return password

    def clean(self) -> dict[str, Any]:
        """Both have to be the same."""
        cleaned: dict[str, Any] = super().clean() or self.cleaned_data
        first, second = cleaned.get("new_password"), cleaned.get("new_password_again")
        if first and second and first != second:
            self.add_error("new_password_again", "两次输入的密码不一样。")
        return cleaned


class InvitationForm(NewPasswordForm):
    """Opening an account: the password, and the first code of the device just enrolled."""

    otp = CodeField(label="身份验证器上的动态码")
    field_order = ("otp", "new_password", "new_password_again")


class ChangePasswordForm(NewPasswordForm):
    """Changing the own password."""

    password = password_field("现在的密码")
    field_order = ("password", "new_password", "new_password_again")
