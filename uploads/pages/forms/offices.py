"""The form of one office's contacts."""

from django import forms
from django.core.validators import RegexValidator

from certificates.names import character_problem, to_nfc
from uploads.intake.offices import OfficeDetails

_PHONE = RegexValidator(r"^[0-9+()（） \-转、,，]*$", "电话只写数字、空格、连字符和“转”，例如 0531-12345678。")


def _line(label: str, limit: int, help_text: str) -> forms.CharField:
    return forms.CharField(
        label=label,
        required=False,
        max_length=limit,
        help_text=help_text,
        error_messages={"max_length": f"{label}最多 %(limit_value)d 个字。"},
    )


def _phone(label: str, help_text: str) -> forms.CharField:
    field = _line(label, 40, help_text)
    field.validators.append(_PHONE)
    field.widget.attrs["inputmode"] = "tel"
    return field


class OfficeForm(forms.Form):
    """Everything but code and names, which certificates and the regulation fix."""

    responsible_person = _line("专责人员", 60, "负责上报的人。只有工作人员看得到；逾期未上报时按它催报。")
    responsible_phone = _phone("专责人员电话", "只有工作人员看得到。")
    contact_phone = _phone("对外电话", "公众查不到证书、办理更正时拨打。")
    contact_address = _line("对外地址", 200, "公众办理更正时前往。")
    issuing_authority = _line("发证机关", 100, "与证书上印的完全一样；按导入方案读入、文件里没有这一列时填写它。")

    def clean(self) -> dict[str, str]:
        """One line each: NFC, single spaces, nothing invisible."""
        data: dict[str, str] = super().clean() or self.cleaned_data
        for name, value in list(data.items()):
            data[name] = " ".join(to_nfc(value).split())
            if any(character_problem(character) for character in data[name]):
                self.add_error(name, "有看不见的字符或不能用的符号，请重新录入。")
        return data

    @property
    def details(self) -> OfficeDetails:
        """After is_valid()."""
        return OfficeDetails(**{name: self.cleaned_data[name] for name in OfficeDetails.__slots__})
