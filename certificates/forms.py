"""The public site's forms. Every message says what is wrong with the form of a number and what to do; never more."""

from collections.abc import Mapping
from typing import Any

from django import forms
from django.core.exceptions import ValidationError
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from certificates import certnumber, idnumber
from certificates.certnumber import CertificateNumber, CertNumberError, CertNumberProblem
from certificates.idnumber import IdNumberError, IdProblem, ParsedId

# Far beyond any number with its spaces; what is longer isn't worth reading.
_LONGEST = 120
_MOST_POSITIONS_NAMED = 3


class LookupForm(forms.Form):
    """Two numbers in; cleaned_data holds a ParsedId and a CertificateNumber."""

    use_required_attribute = False

    id_number = forms.CharField(
        label=_("证件号码"),
        help_text=_("身份证 18 位或老身份证 15 位；也可填护照、通行证等号码"),
        required=False,
        strip=False,
        widget=forms.TextInput(
            attrs={"class": "number", "autocomplete": "off", "autocapitalize": "characters", "spellcheck": "false"}
        ),
    )
    certificate_number = forms.CharField(
        label=_("证书编号"),
        help_text=_('证书内页上的 16 位数字，例如 <span class="whole">0815 0120 0340 0001</span>'),
        required=False,
        strip=False,
        widget=forms.TextInput(
            attrs={"class": "number", "autocomplete": "off", "inputmode": "numeric", "spellcheck": "false"}
        ),
    )

    def clean_id_number(self) -> ParsedId:
        """Read the ID number; a message at the field where its form is wrong."""
        typed = self.cleaned_data["id_number"]
        if len(typed) > _LONGEST:
            raise ValidationError(gettext("证件号码过长，请只填写证件上的号码。"))
        try:
            return idnumber.parse(typed)
        except IdNumberError as error:
            raise ValidationError(id_message(error), code=error.problem) from error

    def clean_certificate_number(self) -> CertificateNumber:
        """Read the certificate number; a message at the field where its form is wrong."""
        typed = self.cleaned_data["certificate_number"]
        if len(typed) > _LONGEST:
            raise ValidationError(gettext("证书编号过长，请只填写证书上的编号。"))
        try:
            return certnumber.parse(typed)
        except CertNumberError as error:
            raise ValidationError(certificate_message(error), code=error.problem) from error


def read_numbers(id_number: str, certificate_number: str) -> tuple[ParsedId, CertificateNumber] | None:
    """Both numbers as LookupForm reads them; None where it has something to say about one."""
    if len(id_number) > _LONGEST or len(certificate_number) > _LONGEST:
        return None
    try:
        return idnumber.parse(id_number), certnumber.parse(certificate_number)
    except (IdNumberError, CertNumberError):
        return None


def id_message(error: IdNumberError) -> str:
    """What is wrong with an ID number, and what to do."""
    match error.problem:
        case IdProblem.EMPTY:
            return gettext("请填写证件号码。")
        case IdProblem.WRONG_LENGTH:
            return gettext("身份证号码应为 18 位（老身份证 15 位），您填写了 %(length)s 位，请核对是否多填或漏填。") % {
                "length": error.detail["length"]
            }
        case IdProblem.WRONG_CHECK:
            return gettext("身份证号码的末位与前面的数字对不上，可能有一位填错，请对照证件逐位核对。")
        case IdProblem.WRONG_CHARACTERS:
            return gettext("证件号码的%(positions)s不应是这个字符，请对照证件改正。") % {
                "positions": _positions(error.detail)
            }
        case IdProblem.IMPOSSIBLE_DATE:
            return gettext("身份证号码中的出生日期不存在，请对照证件逐位核对。")
        case IdProblem.LOOKS_LIKE_CERTIFICATE_NUMBER:
            return gettext("您在这里填写的像是证书编号。请在此填写证件号码，证书编号填在下一栏。")
        case IdProblem.WRONG_FORM:
            return gettext("这不像任何一种证件的号码，请按证件上的写法填写。")


def certificate_message(error: CertNumberError) -> str:
    """What is wrong with a certificate number, and what to do."""
    match error.problem:
        case CertNumberProblem.EMPTY:
            return gettext("请填写证书编号。")
        case CertNumberProblem.WRONG_LENGTH if error.detail["lost_zero"]:
            return gettext("证书编号应为 16 位数字，您填写了 15 位，可能漏了最前面的 0，请对照证书核对。")
        case CertNumberProblem.WRONG_LENGTH:
            return gettext("证书编号应为 16 位数字，您填写了 %(length)s 位，请核对是否多填或漏填。") % {
                "length": error.detail["length"]
            }
        case CertNumberProblem.WRONG_CHARACTERS:
            return gettext("证书编号只有数字，%(positions)s不是数字。请注意区分数字 0 与字母 O、数字 1 与字母 I。") % {
                "positions": _positions(error.detail)
            }
        case CertNumberProblem.LOOKS_LIKE_ID_NUMBER:
            return gettext("您在这里填写的像是身份证号码。证书编号是证书内页上的 16 位数字，请改填证书编号。")
        case CertNumberProblem.OTHER_REGISTER:
            return gettext(
                "这是职业技能等级证书的编号，不在本网查询范围。"
                "请到人力资源和社会保障部的官方网站 www.osta.org.cn 或 osta.mohrss.gov.cn 查询。"
            )
        case CertNumberProblem.IMPOSSIBLE_LEVEL:
            return gettext("证书编号的第 11 位表示等级，只能是 1 至 5，您填写的是 %(digit)s，请对照证书核对。") % {
                "digit": error.detail["digit"]
            }


def _positions(detail: Mapping[str, Any]) -> str:
    places = [str(place) for place in detail["positions"][:_MOST_POSITIONS_NAMED]]
    return gettext("第 %(places)s 位") % {"places": gettext("、").join(places)}
