"""The forms of the assessment bodies: which are listed, and what is recorded of one."""

from datetime import date
from typing import Any

from django import forms
from django.core.validators import RegexValidator

from certificates.models import AssessmentBody, Office
from certificates.names import character_problem, to_nfc
from uploads.intake.bodies import BodyDetails

_DAY = {"type": "date"}


def _day(label: str, help_text: str) -> forms.DateField:
    return forms.DateField(
        label=label,
        help_text=help_text,
        required=False,
        widget=forms.DateInput(format="%Y-%m-%d", attrs=_DAY),
        error_messages={"invalid": f"{label}要写成 2026-11-03 这样的日期。"},
    )


class BodyFilterForm(forms.Form):
    """Whose bodies."""

    office = forms.ModelChoiceField(
        label="上报单位", queryset=Office.objects.order_by("code"), required=False, empty_label="全部"
    )


class BodyForm(forms.Form):
    """What is recorded of one body; office is fixed once it is recorded."""

    office = forms.ModelChoiceField(
        label="上报单位",
        queryset=Office.objects.order_by("code"),
        empty_label="请选择",
        error_messages={"required": "请选择上报单位。", "invalid_choice": "请选择上报单位。"},
    )
    name = forms.CharField(
        label="名称",
        max_length=120,
        help_text="与证书上印的、上报文件里写的完全一样。",
        error_messages={"required": "请填写名称。", "max_length": "名称最多 %(limit_value)d 个字。"},
    )
    code = forms.CharField(
        label="机构代码",
        required=False,
        help_text="证书编号的第 3 至 10 位，8 位数字。不知道的可以空着；登记以后，上报的证书编号按它核对。",
        validators=[RegexValidator(r"^[0-9]{8}$", "机构代码是 8 位数字。")],
        widget=forms.TextInput(attrs={"class": "number", "inputmode": "numeric", "maxlength": 8}),
    )
    is_county = forms.BooleanField(label="县（市、区）的机构", required=False)
    phone = forms.CharField(
        label="电话", required=False, max_length=40, help_text="公众更正证书时拨打。",
        error_messages={"max_length": "电话最多 %(limit_value)d 个字符。"},
    )  # fmt: skip
    address = forms.CharField(
        label="地址", required=False, max_length=200,
        error_messages={"max_length": "地址最多 %(limit_value)d 个字。"},
    )  # fmt: skip
    valid_from = _day("设立日期", "不知道的可以空着。")
    valid_to = _day("终止日期", "还在运行的空着；填写后即为停用，它已发的证书不受影响。")
    successor = forms.ModelChoiceField(
        label="承接机构",
        queryset=AssessmentBody.objects.none(),
        required=False,
        empty_label="没有",
        help_text="机构终止后，由哪个机构办理它的证书的更正。没有的，由上报单位办理。",
        error_messages={"invalid_choice": "请在列出的机构中选择。"},
    )

    def __init__(self, *args: object, body: AssessmentBody | None = None, **kwargs: object) -> None:
        super().__init__(*args, **kwargs)
        others = AssessmentBody.objects.select_related("office").order_by("office_id", "name")
        self.fields["successor"].queryset = others.exclude(id=body.id) if body else others  # type: ignore[attr-defined]
        if body is not None:
            del self.fields["office"]

    def clean_name(self) -> str:
        """As rows are compared with it: NFC, single spaces, nothing invisible."""
        name = " ".join(to_nfc(self.cleaned_data["name"]).split())
        if any(character_problem(character) for character in name):
            raise forms.ValidationError("名称中有看不见的字符或不能用的符号，请重新录入。")
        return name

    def clean(self) -> dict[str, Any]:
        """A body ends after it begins, and only what ended has a successor."""
        data = super().clean() or self.cleaned_data
        begins, ends = data.get("valid_from"), data.get("valid_to")
        if isinstance(begins, date) and isinstance(ends, date) and ends < begins:
            self.add_error("valid_to", "终止日期早于设立日期，请改正。")
        if data.get("successor") and not ends and "valid_to" not in self.errors:
            self.add_error("valid_to", "有承接机构的，请填写终止日期。")
        return data

    @property
    def details(self) -> BodyDetails:
        """After is_valid()."""
        data = self.cleaned_data
        return BodyDetails(
            name=data["name"],
            code=data["code"],
            is_county=data["is_county"],
            phone=data["phone"],
            address=data["address"],
            valid_from=data["valid_from"],
            valid_to=data["valid_to"],
            successor_id=data["successor"].id if data["successor"] else None,
        )
