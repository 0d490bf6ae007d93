"""The forms by which many files signed on paper come in: the files, a block for each, and the confirmation of all."""

from collections.abc import Collection, Iterable, Sequence
from itertools import groupby
from typing import Any

from django import forms

from certificates.models import Office
from certlookup.calendar.periods import Period
from uploads.intake.parked import guess_office, guess_scan, kept
from uploads.models import ParkedFile, Person
from uploads.models.intake import Origin
from uploads.pages.forms.batches import PaperForm

SIGNERS = ("operator", "director")
ON_THE_SHEET = ("scan", "stated_count", "stated_digest", "signed_on")


class ManyFilesInput(forms.ClearableFileInput):
    """A file input that takes several at once."""

    allow_multiple_selected = True


class LayDownForm(forms.Form):
    """Data files and scans together; each is looked at for itself, so nothing here refuses them all."""

    files = forms.FileField(
        label="数据文件和审签表扫描件",
        help_text="可以一次选择多份，数据文件和扫描件各不超过 20 份。扫描件为 PDF、PNG 或 JPEG。",
        required=False,
        widget=ManyFilesInput(attrs={"multiple": True}),
    )


class PaperBlockForm(PaperForm):
    """One laid-down data file with its signed sheet; the scan is one of those laid down, a known signer is chosen."""

    operator_known = forms.ChoiceField(label="经办人", required=False)
    director_known = forms.ChoiceField(label="主任", required=False)

    def __init__(
        self,
        *args: object,
        parked: ParkedFile,
        scans: Sequence[ParkedFile],
        signers: Iterable[Person],
        cities: Sequence[Office],
        current: Period,
        initial: dict[str, Any] | None = None,
        **kwargs: object,
    ) -> None:
        guessed = {
            "office": guess_office(parked.original_name, cities),
            "scan": guess_scan(parked.original_name, scans, cities),
        }
        super().__init__(
            *args,
            offices=[office.code for office in cities],
            current=current,
            prefix=prefix_of(parked),
            initial=guessed | (initial or {}),
            **kwargs,
        )
        self.parked, self.double = parked, ""
        self.scans = {str(scan.id): scan for scan in scans}
        self.signers = {str(person.id): person for person in signers}
        self._reshape()

    def _reshape(self) -> None:
        """From the single import's form: no file to choose, the scan and known signers as lists."""
        del self.fields["file"]
        self.hide_unasked()
        self.fields["origin"].widget = forms.Select(choices=[("", "请选择"), *Origin.choices])
        self.fields["hand_made_reason"].widget = forms.TextInput(attrs={"autocomplete": "off"})
        self.fields["scan"] = forms.ChoiceField(
            label="审签表扫描件",
            choices=[("", "请选择"), *((key, scan.original_name) for key, scan in self.scans.items())],
            error_messages={
                "required": "请选择审签表扫描件；还没有放进来的，请先在上面放入。",
                "invalid_choice": "这份扫描件已经不在，请重新选择。",
            },
        )
        for who in SIGNERS:
            self.fields[f"{who}_known"].choices = self._known()  # type: ignore[attr-defined]
            self.fields[f"{who}_known"].error_messages["invalid_choice"] = "没有这位签字人，请重新选择。"
            self.fields[f"{who}_number"].required = False
            self.fields[f"{who}_name"].required = False

    def _known(self) -> list[tuple[str, Any]]:
        grouped = groupby(self.signers.items(), key=lambda entry: entry[1].office)
        return [
            ("", "没有登记过，另外填写"),
            *(
                (office.name, [(key, f"{person.name}（{person.staff_number}）") for key, person in people])
                for office, people in grouped
                if office is not None
            ),
        ]

    @property
    def about_file(self) -> list[forms.BoundField]:
        """Office, period and whatever else the single import asks about the file."""
        signers = tuple(f"{who}_{what}" for who in SIGNERS for what in ("known", "number", "name"))
        return [
            field for field in self.visible_fields() if field.name not in {*signers, *ON_THE_SHEET, "states_comparison"}
        ]

    @property
    def about_signers(self) -> list[list[forms.BoundField]]:
        """For each signer: known, name, number."""
        return [[self[f"{who}_{what}"] for what in ("known", "name", "number")] for who in SIGNERS]

    @property
    def about_sheet(self) -> list[forms.BoundField]:
        """What else stands on the sheet."""
        return [self[name] for name in ("scan", "signed_on", "stated_count", "stated_digest")]

    def clean_scan(self) -> object:
        """The chosen one; what it is, was seen when it was laid down."""
        scan = kept(self.scans[self.cleaned_data["scan"]])
        if not scan.is_there:
            raise forms.ValidationError("这份扫描件的保留时间已过，请重新放入。")
        return scan

    def clean(self) -> dict[str, Any]:
        """The file, the signers as chosen or typed, and then whatever the single import looks at."""
        file = kept(self.parked)
        if file.is_there:
            self.cleaned_data["file"] = file
        else:
            self.add_error(None, "这份文件的保留时间已过，请重新放入。")
        for who in SIGNERS:
            self._clean_signer(who)
        return super().clean()

    def _clean_signer(self, who: str) -> None:
        number, name = f"{who}_number", f"{who}_name"
        if {f"{who}_known", number, name} & self.errors.keys():
            return
        cleaned, label = self.cleaned_data, self.fields[f"{who}_known"].label
        known = self.signers.get(cleaned[f"{who}_known"])
        if known is not None:
            if cleaned[number] not in {"", known.staff_number} or cleaned[name] not in {"", known.name}:
                self.add_error(f"{who}_known", f"{label}已选择登记过的人，又填写了另一个人。请只留一个。")
            cleaned[number], cleaned[name] = known.staff_number, known.name
        elif not cleaned[number] and not cleaned[name]:
            self.add_error(f"{who}_known", f"请选择{label}，或填写姓名和工号。")
        elif not cleaned[number]:
            self.add_error(number, f"请输入{label}的工号。")
        elif not cleaned[name]:
            self.add_error(name, f"请输入{label}的姓名。")

    @property
    def target(self) -> tuple[object, ...]:
        """What batch the file would go into; after is_valid()."""
        given = self.cleaned_data
        return given["office"].code, given["period"].code, given.get("kind"), given.get("campaign")


def prefix_of(parked: ParkedFile) -> str:
    """The names of a block's fields begin with it."""
    return f"file{parked.id}"


def refuse_doubles(forms_of_page: Collection[PaperBlockForm]) -> None:
    """Two files for one batch: the later would take the earlier one's place unseen. Neither is taken."""
    valid = [form for form in forms_of_page if form.is_valid()]
    for form in valid:
        others = [other for other in valid if other is not form and other.target == form.target]
        if others:
            names = "、".join(other.parked.original_name for other in others)
            form.double = f"另一份文件（{names}）也是这个单位、期次和种类的。一个批次只能有一份文件，请改正或移除一份。"
    for form in valid:
        if form.double:
            form.add_error("office", form.double)
