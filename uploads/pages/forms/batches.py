"""The forms by which files come in, and those that look for rows and problems."""

import hashlib
from collections.abc import Sequence
from typing import Any

from django import forms
from django.core.files.uploadedfile import UploadedFile
from django.core.validators import RegexValidator
from django.utils import timezone

from certificates.models import Office
from certificates.names import name_problem, normalise_name
from certlookup.calendar.periods import Period
from uploads.intake.campaigns import campaigns_open_to
from uploads.intake.paper import LARGEST_SCAN, SMALLEST_SCAN, scan_kind
from uploads.intake.profiles import REQUIRED_LAYOUT
from uploads.intake.savedprofiles import profile_called, profiles_in_use
from uploads.intake.storage import LARGEST_FILE
from uploads.models import BatchKind, Campaign, ImportProfile, Origin
from uploads.pages.forms.fields import StaffNumberField

PROFILE_FOR_A_CHANGE = "更正、撤销和恢复的文件有自己的格式，导入方案请选“上报格式”。"
MEGABYTE = 1024 * 1024
# What each kind is for, in a line.
KINDS = {
    BatchKind.REGULAR: "本期（半个月）新办的证书；在上报时间内上报。",
    BatchKind.BACKFILL: "早年的证书，报入一个补录任务。",
    BatchKind.CORRECTION: (
        "更正已上网的证书。文件写证书编号、更正原因，只填要更正的项目：空着的不变，可以不填的项目填“清空”即清空。任何一天都可以上报。"
    ),
    BatchKind.REVOCATION: (
        "撤销已上网的证书。文件写证书编号、撤销原因（错误核发、以欺骗等不正当手段取得、其他决定）和文号；"
        "再写姓名或证件号码的，会与证书库核对。任何一天都可以上报。"
    ),
    BatchKind.REINSTATEMENT: "恢复误撤销的证书。文件写证书编号、恢复原因和文号。任何一天都可以上报。",
}


def digest_of(file: UploadedFile) -> bytes:
    """SHA-256 of an uploaded file's bytes."""
    digest = hashlib.sha256()
    for chunk in file.chunks():
        digest.update(chunk)
    return digest.digest()


class OfficeAndPeriodForm(forms.Form):
    """Whose data, of which half-month; an only office isn't asked for."""

    office = forms.ModelChoiceField(
        label="上报单位",
        queryset=Office.objects.none(),
        empty_label="请选择",
        error_messages={"required": "请选择上报单位。", "invalid_choice": "不能为这个单位上报，请重新选择。"},
    )
    period = forms.ChoiceField(label="期次", error_messages={"invalid_choice": "没有这个期次，请重新选择。"})

    def __init__(self, *args: object, offices: Sequence[str], current: Period, **kwargs: object) -> None:
        super().__init__(*args, **kwargs)
        office = self.fields["office"]
        office.queryset = Office.objects.filter(code__in=offices).order_by("code")  # type: ignore[attr-defined]
        if len(offices) == 1:
            office.initial = offices[0]
            office.widget = forms.HiddenInput()
        before = current.previous()
        choices = [before.previous(), before, current, current.next()]
        period = self.fields["period"]
        period.choices = [  # type: ignore[attr-defined]
            (choice.code, f"{choice.label}{'，本期' if choice == current else ''}") for choice in choices
        ]
        period.initial = current.code

    def clean_period(self) -> Period:
        """The period itself."""
        return Period.parse(self.cleaned_data["period"])


class UploadForm(OfficeAndPeriodForm):
    """A file with its kind and origin; a hand-made one says why, one of earlier years names its campaign (R3)."""

    kind = forms.ChoiceField(
        label="种类",
        required=False,
        initial=BatchKind.REGULAR,
        choices=[(kind.value, kind.label) for kind in KINDS],
        widget=forms.RadioSelect,
        error_messages={"invalid_choice": "现在不能上报这一种类，请重新选择。"},
    )
    campaign = forms.ModelChoiceField(
        label="补录任务",
        help_text="种类是补录的，选择报入哪个补录任务；其他种类不选。",
        queryset=Campaign.objects.none(),
        required=False,
        empty_label="不是补录",
        error_messages={"invalid_choice": "该补录任务已经截止、关闭，或没有要求本单位上报，请重新选择。"},
    )
    replaces = forms.IntegerField(required=False, widget=forms.HiddenInput())
    file = forms.FileField(
        label="上报文件",
        help_text=f"电子表格 .xlsx、.xls、.ods 或 .csv，不超过 {LARGEST_FILE // MEGABYTE} MB。证件号码一列须为文本格式。",
        allow_empty_file=True,
        max_length=255,
        widget=forms.FileInput(attrs={"accept": ".xlsx,.xls,.ods,.csv"}),
        error_messages={
            "required": "请选择上报文件。",
            "max_length": "文件名太长，请改短后重新选择。",
            "invalid": "文件没有传上来，请重新选择。",
        },
    )
    profile = forms.ChoiceField(
        label="导入方案",
        help_text="文件的列名和写法按哪种格式读取。考务系统直接导出的文件，请选“考务系统导出”，来源选“考务系统生成”。",
        initial=REQUIRED_LAYOUT,
        required=False,
        error_messages={"invalid_choice": "没有这个导入方案，或者刚刚停用。请重新选择。"},
    )
    origin = forms.ChoiceField(
        label="文件来源",
        choices=Origin.choices,
        widget=forms.RadioSelect,
        error_messages={"required": "请选择文件来源。", "invalid_choice": "请选择文件来源。"},
    )
    hand_made_reason = forms.CharField(
        label="人工整理的原因",
        help_text="只有人工整理的文件需要填写，所有签字人都会看到。",
        required=False,
        max_length=200,
        widget=forms.Textarea(attrs={"rows": 3}),
        error_messages={"max_length": "原因最多 200 字。"},
    )

    def __init__(self, *args: object, offices: Sequence[str], current: Period, **kwargs: object) -> None:
        super().__init__(*args, offices=offices, current=current, **kwargs)
        self.current = current
        self.fields["period"].help_text = "只有定期上报分期次；其他种类按本期登记。"
        campaigns = campaigns_open_to(offices, timezone.now())
        field = self.fields["campaign"]
        field.queryset = campaigns  # type: ignore[attr-defined]
        field.label_from_instance = _campaign_label  # type: ignore[attr-defined]
        self.has_campaigns = bool(campaigns)
        if not self.has_campaigns:
            kind = self.fields["kind"]
            kind.choices = [choice for choice in kind.choices if choice[0] != BatchKind.BACKFILL]  # type: ignore[attr-defined]
        in_use = sorted(profiles_in_use(), key=lambda profile: profile.name != REQUIRED_LAYOUT)
        self.fields["profile"].choices = [  # type: ignore[attr-defined]
            (profile.name, f"{profile.title}（第 {profile.version} 版）") for profile in in_use
        ]

    @property
    def kind_choices(self) -> list[tuple[forms.BoundField, str]]:
        """Each kind's radio button with what it is for."""
        return [(choice, KINDS[BatchKind(str(choice.data["value"]))]) for choice in self["kind"]]

    def hide_unasked(self) -> None:
        """For pages that show whatever fields there are: the kinds as a list, no campaign where there is none."""
        kind = self.fields["kind"]
        kind.widget = forms.Select(choices=kind.choices)  # type: ignore[attr-defined]
        if not self.has_campaigns:
            self.fields["campaign"].widget = forms.HiddenInput()

    def clean_kind(self) -> BatchKind:
        """The kind itself, regular where none was sent."""
        return BatchKind(self.cleaned_data["kind"] or BatchKind.REGULAR)

    def clean_profile(self) -> ImportProfile | None:
        """The newest version of the profile that was chosen; none chosen is the required layout."""
        profile = profile_called(self.cleaned_data["profile"] or REQUIRED_LAYOUT)
        if profile is None:
            raise forms.ValidationError("这个导入方案刚刚停用，请重新选择。")
        return profile

    def clean_file(self) -> UploadedFile:
        """Refuse an empty or too large file before it is stored; what is in it is for the check to say."""
        file: UploadedFile = self.cleaned_data["file"]
        if not file.size:
            raise forms.ValidationError("文件是空的（0 字节）。请确认选对了文件后重新选择。")
        if file.size > LARGEST_FILE:
            raise forms.ValidationError(f"文件超过 {LARGEST_FILE // MEGABYTE} MB。请分清是否选对了文件，或联系省中心。")
        return file

    def clean(self) -> dict[str, Any]:
        """A hand-made file carries its reason, a generated one none; a backfill file its campaign, no other does."""
        cleaned: dict[str, Any] = super().clean() or self.cleaned_data
        self._clean_campaign(cleaned)
        self._clean_profile_against(cleaned)
        kind = cleaned.get("kind")
        if kind is not None and kind.is_change and not cleaned.get("replaces"):
            cleaned["period"] = self.current
        if cleaned.get("origin") == Origin.HAND_MADE and cleaned.get("hand_made_reason") == "":
            self.add_error("hand_made_reason", "文件是人工整理的，请填写原因。")
        if cleaned.get("origin") == Origin.EXAM_SYSTEM:
            cleaned["hand_made_reason"] = ""
        return cleaned

    def _clean_profile_against(self, cleaned: dict[str, Any]) -> None:
        """The profile against the kind, whose files may have columns of their own, and against the file's origin."""
        profile, kind = cleaned.get("profile"), cleaned.get("kind")
        if profile is None or profile.name == REQUIRED_LAYOUT:
            return
        if kind and BatchKind(kind).is_change:
            self.add_error("profile", PROFILE_FOR_A_CHANGE)
        if cleaned.get("origin") == Origin.EXAM_SYSTEM and profile.definition.get("origin") == Origin.HAND_MADE:
            self.add_error("origin", f"导入方案“{profile.title}”用于人工整理的文件，来源请选“人工整理”。")

    def _clean_campaign(self, cleaned: dict[str, Any]) -> None:
        campaign, office = cleaned.get("campaign"), cleaned.get("office")
        if cleaned.get("kind") == BatchKind.BACKFILL:
            if campaign is None and "campaign" not in self.errors:
                self.add_error("campaign", "请选择补录任务。")
            elif campaign and office and not campaign.asked.filter(office=office).exists():
                self.add_error("campaign", f"该补录任务没有要求{office.name}上报，请重新选择。")
        elif campaign is not None:
            self.add_error("campaign", "选了补录任务，种类却不是补录。请核对种类。")


def _campaign_label(campaign: Campaign) -> str:
    return f"{campaign.name}（{campaign.first_year} 至 {campaign.last_year} 年，{campaign.deadline:%Y-%m-%d} 截止）"


class SignerNumberField(StaffNumberField):
    """A paper signer's staff number; an ID number in its place would be stored and recorded in the clear."""

    def __init__(self, who: str) -> None:
        super().__init__(
            label=f"{who}工号",
            error_messages={"required": f"请输入{who}的工号。"},
            widget=forms.TextInput(attrs={"class": "number", "autocomplete": "off", "spellcheck": "false"}),
        )
        self.validators += [
            RegexValidator(r"^[0-9A-Z-]{3,20}$", "工号是 3 至 20 位的数字、大写字母或连字符。"),
            RegexValidator(
                r"^(\d{15}|\d{17}[\dX])$", "这里像是身份证号码。请填写工号，不要填写证件号码。", inverse_match=True
            ),
        ]


class SignerNameField(forms.CharField):
    """A paper signer's name as it stands on the sheet."""

    def __init__(self, who: str) -> None:
        super().__init__(
            label=f"{who}姓名",
            max_length=60,
            error_messages={"required": f"请输入{who}的姓名。", "max_length": "姓名最多 60 个字。"},
            widget=forms.TextInput(attrs={"autocomplete": "off"}),
        )

    def clean(self, value: object) -> str:
        """The name as it is stored."""
        name = normalise_name(str(super().clean(value)))
        if name and name_problem(name):
            raise forms.ValidationError("姓名中有不能使用的字符，请重新输入。")
        return name


class PaperForm(UploadForm):
    """A city's file with its signed 审签表: both signers, the date, the scan, and what the sheet states."""

    operator_number = SignerNumberField("经办人")
    operator_name = SignerNameField("经办人")
    director_number = SignerNumberField("主任")
    director_name = SignerNameField("主任")
    signed_on = forms.DateField(
        label="签字日期",
        widget=forms.DateInput(attrs={"type": "date"}, format="%Y-%m-%d"),
        input_formats=["%Y-%m-%d", "%Y/%m/%d", "%Y%m%d", "%Y年%m月%d日"],
        error_messages={"required": "请输入签字日期。", "invalid": "签字日期应写成 2026-11-12 这样。"},
    )
    stated_count = forms.IntegerField(
        label="审签表上的记录数",
        help_text="照审签表填写，与文件不一致的不能提交。",
        min_value=1,
        max_value=10_000_000,
        widget=forms.TextInput(attrs={"class": "number", "inputmode": "numeric", "autocomplete": "off"}),
        error_messages={
            "required": "请输入审签表上的记录数。",
            "invalid": "记录数是一个整数，例如 2340。",
            "min_value": "记录数至少是 1；本期没有数据的，请申报本期无数据。",
            "max_value": "记录数太大，请核对审签表。",
        },
    )
    stated_digest = forms.CharField(
        label="审签表上的文件校验值（可不填）",
        help_text="64 位的数字和字母 a 至 f，空格不计。审签表上印有的，请填写，用来核对是同一份文件。",
        required=False,
        max_length=200,
        widget=forms.TextInput(attrs={"class": "number", "autocomplete": "off", "spellcheck": "false"}),
        error_messages={"max_length": "文件校验值应为 64 位的数字和字母 a 至 f，请对照审签表重新输入。"},
    )
    states_comparison = forms.BooleanField(
        label="审签表上注明：经办人已抽样与档案核对，一致",
        error_messages={
            "required": "审签表上没有注明抽样核对的，不能导入。请该市与档案核对后，在审签表上勾选，重新扫描。"
        },
    )
    scan = forms.FileField(
        label="审签表扫描件",
        help_text=f"PDF、PNG 或 JPEG，不超过 {LARGEST_SCAN // MEGABYTE} MB，两处签字和日期须清晰。",
        allow_empty_file=True,
        widget=forms.FileInput(attrs={"accept": ".pdf,.png,.jpg,.jpeg"}),
        error_messages={"required": "请选择审签表扫描件。", "invalid": "扫描件没有传上来，请重新选择。"},
    )

    def clean_signed_on(self) -> object:
        """Nobody signs in the future."""
        day = self.cleaned_data["signed_on"]
        if day > timezone.localdate():
            raise forms.ValidationError("签字日期不能晚于今天。")
        return day

    def clean_stated_digest(self) -> bytes | None:
        """SHA-256 of the file that was signed, or None where the sheet states none."""
        text = "".join(self.cleaned_data["stated_digest"].split()).lower()
        if not text:
            return None
        if len(text) != 64 or set(text) - set("0123456789abcdef"):
            raise forms.ValidationError("文件校验值应为 64 位的数字和字母 a 至 f，请对照审签表重新输入。")
        return bytes.fromhex(text)

    def clean_scan(self) -> object:
        """By content, not by name."""
        scan: UploadedFile = self.cleaned_data["scan"]
        if (scan.size or 0) > LARGEST_SCAN:
            raise forms.ValidationError(f"扫描件超过 {LARGEST_SCAN // MEGABYTE} MB，请降低分辨率后重新扫描。")
        if (scan.size or 0) < SMALLEST_SCAN or scan_kind(scan.chunks()) is None:
            raise forms.ValidationError("扫描件不是完整的 PDF、PNG 或 JPEG 文件，请重新扫描或另存后再选择。")
        return scan

    def clean(self) -> dict[str, Any]:
        """Two signers, and the very file that they signed."""
        cleaned = super().clean()
        stated, file = cleaned.get("stated_digest"), cleaned.get("file")
        if stated and file and digest_of(file) != stated:
            self.add_error("stated_digest", "与所选文件的校验值不同：不是签字的那份文件，或校验值有误。请核对。")
        period, signed_on = cleaned.get("period"), cleaned.get("signed_on")
        is_regular = cleaned.get("kind", BatchKind.REGULAR) == BatchKind.REGULAR
        if period and signed_on and is_regular and signed_on < period.first_day:
            self.add_error("signed_on", "签字日期早于本期次的第一天，请核对日期和期次。")
        first, second = cleaned.get("operator_number"), cleaned.get("director_number")
        if first and first == second:
            self.add_error("director_number", "主任与经办人须是不同的两个人，请核对工号。")
        return cleaned


class NoDataForm(OfficeAndPeriodForm):
    """本期无数据, confirmed."""

    confirm = forms.BooleanField(
        label="我已核实，该单位本期没有办理证书。",
        error_messages={"required": "请先核实，再勾选确认。"},
    )


class RowSearchForm(forms.Form):
    """Rows by name, certificate number or ID number; sent by POST, so that none of it gets into an address."""

    text = forms.CharField(
        label="姓名、证书编号或证件号码",
        help_text="姓名可以只写一部分；证书编号至少 4 位；证件号码须完整。",
        max_length=80,
        widget=forms.TextInput(attrs={"autocomplete": "off", "spellcheck": "false"}),
        error_messages={"required": "请输入要查找的姓名、证书编号或证件号码。", "max_length": "最多 80 个字符。"},
    )


class BatchFilterForm(forms.Form):
    """Which batches the list shows."""

    period = forms.ChoiceField(label="期次", required=False)
    office = forms.ChoiceField(label="上报单位", required=False)
    state = forms.ChoiceField(label="状态", required=False)

    def __init__(
        self,
        *args: object,
        periods: Sequence[tuple[str, str]],
        offices: Sequence[tuple[str, str]],
        states: Sequence[tuple[str, str]],
        **kwargs: object,
    ) -> None:
        super().__init__(*args, **kwargs)
        for name, choices in (("period", periods), ("office", offices), ("state", states)):
            self.fields[name].choices = [("", "全部"), *choices]  # type: ignore[attr-defined]

    @property
    def chosen(self) -> dict[str, str]:
        """As filter() takes it."""
        self.is_valid()
        names = {"period": "period_id", "office": "office_id", "state": "state"}
        return {names[name]: value for name, value in self.cleaned_data.items() if value}
