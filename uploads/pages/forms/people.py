"""The forms of 人员与账号: who is listed, and what is recorded of a person."""

from typing import Any

from django import forms
from django.core.validators import RegexValidator

from certificates.models import Office
from certificates.names import name_problem, normalise_name
from uploads.models import PersonState
from uploads.pages.forms.fields import StaffNumberField


class PeopleFilterForm(forms.Form):
    """Which persons."""

    words = forms.CharField(label="姓名或工号", required=False, max_length=60)
    office = forms.ModelChoiceField(
        label="单位", queryset=Office.objects.order_by("code"), required=False, empty_label="全部"
    )
    state = forms.ChoiceField(label="账号", required=False, choices=[("", "全部"), *PersonState.choices])


class PersonForm(forms.Form):
    """What is recorded of a person; the staff number is fixed once it is recorded."""

    staff_number = StaffNumberField(
        help_text="3 至 20 位数字、大写字母或连字符，登记后不能更改。",
        validators=[RegexValidator(r"^[0-9A-Z-]{3,20}$", "工号是 3 至 20 位的数字、大写字母或连字符。")],
    )
    name = forms.CharField(
        label="姓名",
        max_length=60,
        error_messages={"required": "请填写姓名。", "max_length": "姓名最多 %(limit_value)d 个字。"},
    )
    office = forms.ModelChoiceField(
        label="单位",
        queryset=Office.objects.order_by("code"),
        empty_label="请选择",
        help_text="省中心的人员选省本级。",
        error_messages={"required": "请选择单位。", "invalid_choice": "请选择单位。"},
    )
    phone = forms.CharField(
        label="电话",
        required=False,
        max_length=40,
        help_text="逾期未报时，省里按它联系。",
        error_messages={"max_length": "电话最多 %(limit_value)d 个字符。"},
    )

    def __init__(self, *args: object, known: bool = False, **kwargs: object) -> None:
        super().__init__(*args, **kwargs)
        if known:
            del self.fields["staff_number"]

    def clean_name(self) -> str:
        """As on a certificate: no control or invisible characters, no signs of a formula."""
        name = normalise_name(self.cleaned_data["name"])
        if name_problem(name):
            raise forms.ValidationError("姓名中有看不见的字符或不能用的符号，请重新录入。")
        return name

    @property
    def recorded(self) -> dict[str, Any]:
        """name, office and phone, as the actions take them; after is_valid()."""
        return {name: self.cleaned_data[name] for name in ("name", "office", "phone")}
