"""The forms of 查不到证书登记 and 举报疑似假证, and of asking after an enquiry."""

from datetime import date

from django import forms
from django.core.exceptions import ValidationError
from django.core.files.uploadedfile import UploadedFile
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from certificates.forms import LookupForm
from certificates.names import has_letters, normalise_name
from certificates.pages.forms.when import DAY_INPUT, OfficeField, read_typed_days
from certificates.photos import MOST_BYTES, Photo, PhotoError, PhotoProblem, read_photo
from certificates.randomcodes import RECEIPT_LENGTH, read_code

_PLAIN = {"autocomplete": "off", "spellcheck": "false"}


def _text(label: str, hint: str, *, required: str = "", longest: int, rows: int = 0, **attrs: str) -> forms.CharField:
    """A text; `required` is the sentence for an empty one."""
    return forms.CharField(
        label=label,
        help_text=hint,
        required=bool(required),
        max_length=longest,
        error_messages={
            "required": required,
            "max_length": _("最多 %(limit_value)d 个字，现在有 %(show_value)d 个字。"),
        },
        widget=forms.Textarea(attrs={"rows": rows}) if rows else forms.TextInput(attrs=_PLAIN | attrs),
    )


class EnquiryForm(LookupForm):
    """What a holder leaves; without the two numbers where they come from the lookup before."""

    name = _text(_("姓名"), _("与证书上的一致"), required=_("请填写姓名。"), longest=60, autocomplete="name")
    office = OfficeField()
    received_on = forms.CharField(
        label=_("领到证书的日期"), help_text=_("例如 2026-11-03；记不清的写大概的日期"), required=False, max_length=40,
        error_messages={"max_length": _("日期过长，请只填写年月日。")}, widget=DAY_INPUT,
    )  # fmt: skip
    issued_on = forms.CharField(
        label=_("证书上印的发证日期（可不填）"), help_text=_("2015 年以后的证书一般不印发证日期"), required=False,
        max_length=40, error_messages={"max_length": _("日期过长，请只填写年月日。")}, widget=DAY_INPUT,
    )  # fmt: skip
    contact = _text(
        _("您的联系方式"), _("手机号码或电子邮箱；只用来就这件事联系您"), required=_("请填写联系方式。"), longest=100,
        autocomplete="tel",
    )  # fmt: skip
    note = _text(_("需要说明的情况（可不填）"), _("最多 500 字"), longest=500, rows=3)

    field_order = ["id_number", "certificate_number", "name", "office", "received_on", "issued_on", "contact", "note"]

    def __init__(self, *args: object, with_numbers: bool, **kwargs: object) -> None:
        super().__init__(*args, **kwargs)  # type: ignore[arg-type]
        if not with_numbers:
            del self.fields["id_number"], self.fields["certificate_number"]

    def clean_name(self) -> str:
        """As the register writes names."""
        name = normalise_name(self.cleaned_data["name"])
        if not has_letters(name):
            raise ValidationError(gettext("请填写姓名。"))
        return name

    def clean_received_on(self) -> date | None:
        """Whole days; of a month or a year its last one, so that nobody is told too early that 30 days are over."""
        return read_typed_days(self.cleaned_data["received_on"])[1]

    def clean_issued_on(self) -> date | None:
        """May be missing."""
        typed = self.cleaned_data["issued_on"]
        return read_typed_days(typed)[1] if typed.strip() else None

    def clean(self) -> None:
        """A certificate is issued before it is handed out."""
        received, issued = self.cleaned_data.get("received_on"), self.cleaned_data.get("issued_on")
        if received and issued and issued > received:
            self.add_error("issued_on", gettext("发证日期在领证日期以后，请核对。"))


class ReceiptField(forms.CharField):
    """受理编号 as typed; cleaned to the form in which it is stored, empty where it can't be one."""

    def __init__(self) -> None:
        super().__init__(
            label=_("受理编号"),
            help_text=_("登记时得到的 12 位字母和数字，横线可不填"),
            error_messages={"required": _("请填写受理编号。")},
            widget=forms.TextInput(attrs=_PLAIN | {"class": "number", "autocapitalize": "characters"}),
        )

    def clean(self, value: object) -> str:
        """Whatever isn't written like a receipt number is no receipt number of ours."""
        return read_code(str(super().clean(value)), RECEIPT_LENGTH) or ""


class ProgressForm(LookupForm):
    """An enquiry by its receipt number and the holder's ID number."""

    certificate_number = None  # type: ignore[assignment]
    receipt = ReceiptField()
    field_order = ["receipt", "id_number"]

    def __init__(self, *args: object, **kwargs: object) -> None:
        super().__init__(*args, auto_id="id_progress_%s", **kwargs)  # type: ignore[arg-type]
        self.fields["id_number"].help_text = _("登记时填写的证件号码")


class ReportForm(forms.Form):
    """A suspected forgery; nobody has to give his name."""

    use_required_attribute = False

    certificate_number = _text(
        _("证书编号"),
        _("照证书上的写，看不清的数字写问号"),
        required=_("请填写证书上的编号。"),
        longest=60,
        **{"class": "number"},
    )
    issuer = _text(_("证书上印的发证机关"), "", required=_("请填写证书上印的发证机关；没有印的写“无”。"), longest=120)
    account = _text(
        _("您了解的情况（可不填）"),
        _("在哪里见到的、为什么怀疑；最多 1000 字。请不要写他人的证件号码。"),
        longest=1000,
        rows=4,
    )
    contact = _text(_("您的联系方式（可不填）"), _("愿意被回访的请填写；不填也受理"), longest=100)
    photo = forms.FileField(
        label=_("照片（可不选）"),
        help_text=_("JPG 或 PNG，不超过 5 MB；照片里的拍摄地点等信息会被去掉"),
        required=False,
        max_length=300,
        widget=forms.FileInput(attrs={"accept": "image/jpeg,image/png"}),
        error_messages={
            "empty": _("这个文件是空的，请重新选择。"),
            "invalid": _("照片没有传完整，请重新选择。"),
            "max_length": _("文件名太长，请改短后重新选择。"),
        },
    )

    def clean_photo(self) -> Photo | None:
        """What the file is by its content; the name and type that came with it count for nothing."""
        sent: UploadedFile | None = self.cleaned_data["photo"]
        if sent is None:
            return None
        if sent.size is None or sent.size > MOST_BYTES:
            raise ValidationError(_problem(PhotoProblem.TOO_LARGE))
        try:
            return read_photo(sent.read())
        except PhotoError as error:
            raise ValidationError(_problem(error.problem)) from error


def _problem(problem: PhotoProblem) -> str:
    match problem:
        case PhotoProblem.EMPTY:
            return gettext("这个文件是空的，请重新选择。")
        case PhotoProblem.TOO_LARGE:
            return gettext("照片超过 5 MB，请用手机缩小或截图后重新选择。")
        case PhotoProblem.NO_PHOTO:
            return gettext("这不是 JPG 或 PNG 照片，请另选一个文件。苹果手机的 HEIC 照片请截图后再选。")
        case PhotoProblem.BROKEN:
            return gettext("这个照片文件不完整或已损坏，请重新拍照或截图后再选。")
