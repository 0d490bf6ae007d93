"""The forms by which an import profile is made: the sample, and the mapping with its tables of values."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from django import forms
from django.core.files.uploadedfile import UploadedFile

from certificates.models import Office
from uploads.intake.columns import FIELD_BY_HEADER, FIELDS, HEADER_SEARCH_ROWS, HEADERS, normalise_header
from uploads.intake.dateforms import DATE_FORMS
from uploads.intake.profiles import (
    BY_NUMBER,
    FIXED_FIELDS,
    ID_TYPE_TARGETS,
    LEVEL_TARGETS,
    LONGEST_NAME,
    LONGEST_TITLE,
    REQUIRED_LAYOUT,
    TABLE_FIELDS,
    Definition,
    Headers,
    ProfileError,
    Refused,
    define,
    name_problem,
    title_problem,
    value_key,
)
from uploads.intake.savedprofiles import profiles_in_use
from uploads.intake.trials import LARGEST_SAMPLE, Sample, SampleColumn, own_reading
from uploads.models import ImportProfile, Origin

MEGABYTE = 1024 * 1024
REFUSE = "refuse"
SPARE_ROWS, MOST_ROWS = 2, 60
RESULTS = ("合格", "良好", "优秀")
_PLAIN = {"autocomplete": "off", "spellcheck": "false"}


class SampleForm(forms.Form):
    """A sample, and the profile from which the new one starts."""

    file = forms.FileField(
        label="样表",
        help_text=f"这种格式的文件，几行即可，不超过 {LARGEST_SAMPLE // MEGABYTE} MB。只用来试读，方案保存或放弃后即删除。",
        allow_empty_file=True,
        max_length=255,
        widget=forms.FileInput(attrs={"accept": ".xlsx,.xls,.ods,.csv,.txt"}),
        error_messages={
            "required": "请选择样表。",
            "max_length": "文件名太长，请改短后重新选择。",
            "invalid": "文件没有传上来，请重新选择。",
        },
    )
    base = forms.ChoiceField(
        label="从哪个方案开始",
        help_text="选相近的方案，只改不同的地方。修改已有的方案，请选它自己，保存后成为新的一版。",
        error_messages={"invalid_choice": "没有这个导入方案，或者刚刚停用。请重新选择。"},
    )

    def __init__(self, *args: object, **kwargs: object) -> None:
        super().__init__(*args, **kwargs)  # type: ignore[arg-type]
        in_use = sorted(profiles_in_use(), key=lambda profile: profile.name != REQUIRED_LAYOUT)
        self.fields["base"].choices = [  # type: ignore[attr-defined]
            (profile.name, f"{profile.title}（第 {profile.version} 版）") for profile in in_use
        ]

    def clean_file(self) -> UploadedFile:
        """Refuse an empty or too large file before it is stored; what is in it is for the reader to say."""
        file: UploadedFile = self.cleaned_data["file"]
        if not file.size:
            raise forms.ValidationError("文件是空的（0 字节）。请确认选对了文件后重新选择。")
        if file.size > LARGEST_SAMPLE:
            raise forms.ValidationError(f"样表超过 {LARGEST_SAMPLE // MEGABYTE} MB。请只保留几行后重新选择。")
        return file


@dataclass(frozen=True, slots=True)
class ColumnLine:
    """A column of the sample with the select for its field."""

    column: SampleColumn
    select: forms.BoundField


@dataclass(frozen=True, slots=True)
class TableLine:
    """One entry of a table of values: what the file writes, what it becomes, why it is refused."""

    text: forms.BoundField
    target: forms.BoundField
    reason: forms.BoundField


@dataclass(frozen=True, slots=True)
class ValueTableLines:
    """A field's table of values as the form shows it."""

    label: str
    field: str
    lines: tuple[TableLine, ...]


@dataclass(frozen=True, slots=True)
class NamesLine:
    """A field's further names, which the sample doesn't have."""

    label: str
    names: forms.BoundField
    only: forms.BoundField


class ProfileForm(forms.Form):
    """A profile as a form over one sample. definition holds what was said once the form is valid."""

    title = forms.CharField(
        label="方案名称",
        max_length=LONGEST_TITLE,
        required=False,
        help_text="上传时按这个名称选择，例如 某市考务系统导出。",
        widget=forms.TextInput(attrs=_PLAIN),
        error_messages={"max_length": f"方案名称最多 {LONGEST_TITLE} 个字。"},
    )
    name = forms.CharField(
        label="方案代号",
        max_length=LONGEST_NAME,
        required=False,
        help_text="小写字母、数字和连字符，例如 jinan-export。与开始的方案同一代号的，保存为它的新一版。",
        widget=forms.TextInput(attrs=_PLAIN | {"autocapitalize": "none", "class": "number"}),
        error_messages={"max_length": f"方案代号最多 {LONGEST_NAME} 个字符。"},
    )
    origin = forms.ChoiceField(
        label="这种文件的来源",
        required=False,
        choices=[("", "不限"), *Origin.choices],
        help_text="上传时选了这个方案，会提醒选择这个来源。",
    )
    office = forms.ModelChoiceField(
        label="以哪个单位试读",
        queryset=Office.objects.order_by("code"),
        empty_label=None,
        help_text="只影响试读：固定值中的单位名称按它填写。",
    )
    sheet = forms.ChoiceField(label="工作表", required=False)
    header_row = forms.TypedChoiceField(
        label="表头所在行",
        required=False,
        coerce=int,
        empty_value=None,
        choices=[("", "自动查找"), *((row, f"第 {row} 行") for row in range(1, HEADER_SEARCH_ROWS + 1))],
    )
    dates = forms.MultipleChoiceField(
        label="日期写法",
        required=False,
        choices=[(form, form) for form in DATE_FORMS],
        widget=forms.CheckboxSelectMultiple,
        help_text="都不选时按上报格式读取（年月日顺序）。选了以后，文字写成的日期只认所选的写法；日期格式的单元格总能读取。",
    )

    def __init__(
        self,
        data: Mapping[str, Any] | None,
        *,
        sample: Sample,
        draft: Definition,
        base: ImportProfile | None,
        initial: Mapping[str, object],
    ) -> None:
        super().__init__(data, initial=dict(initial))
        self.sample, self.draft, self.base = sample, draft, base
        self.definition = draft
        sheets = dict.fromkeys([*sample.sheets, *([draft.sheet] if draft.sheet else [])])
        self.fields["sheet"].choices = [("", "有表头的一张"), *((name, name) for name in sheets)]  # type: ignore[attr-defined]
        self._add_columns()
        self._add_names()
        self._add_fixed()
        for field in TABLE_FIELDS:
            self._add_table(field)
        self.initial = {
            "origin": draft.origin,
            "sheet": draft.sheet,
            "header_row": draft.header_row or "",
            "dates": list(draft.dates),
        } | self.initial

    def _add_columns(self) -> None:
        choices = [("", "不读入"), *((field, HEADERS[field]) for field in FIELDS)]
        for column in self.sample.columns:
            self.fields[f"column_{column.index}"] = forms.ChoiceField(
                label=f"{column.letters}列“{column.header[:30]}”", required=False, choices=choices, initial=column.field
            )

    def _add_names(self) -> None:
        present = {normalise_header(column.header) for column in self.sample.columns}
        for field in FIELDS:
            headers = self.draft.headers.get(field, Headers(()))
            others = [name for name in headers.names if normalise_header(name) not in present]
            self.fields[f"names_{field}"] = forms.CharField(
                label=f"“{HEADERS[field]}”的其他列名", required=False, max_length=600, initial="、".join(others),
                widget=forms.TextInput(attrs=_PLAIN),
            )  # fmt: skip
            self.fields[f"only_{field}"] = forms.BooleanField(
                label="不认上报格式的列名", required=False, initial=headers.only
            )

    def _add_fixed(self) -> None:
        chosen: dict[str, Iterable[str]] = {
            "id_type": (*ID_TYPE_TARGETS, BY_NUMBER), "level": LEVEL_TARGETS, "result": RESULTS,
        }  # fmt: skip
        for field in FIXED_FIELDS:
            initial = self.draft.fixed.get(field, "")
            if field in chosen:
                choices = dict.fromkeys([*chosen[field], *([initial] if initial else [])])
                self.fields[f"fixed_{field}"] = forms.ChoiceField(
                    label=HEADERS[field], required=False, initial=initial,
                    choices=[("", "不填写"), *((choice, choice) for choice in choices)],
                )  # fmt: skip
            else:
                self.fields[f"fixed_{field}"] = forms.CharField(
                    label=HEADERS[field], required=False, max_length=100, initial=initial,
                    widget=forms.TextInput(attrs=_PLAIN),
                )  # fmt: skip

    def _add_table(self, field: str) -> None:
        entries = self._entries(field)
        count = len(entries) + SPARE_ROWS
        if self.is_bound:
            count = sum(f"value_{field}_{place}_text" in self.data for place in range(MOST_ROWS))
        targets = [("", "不在表中"), *((target, target) for target in TABLE_FIELDS[field]), (REFUSE, "不能上报")]
        for place in range(min(count, MOST_ROWS)):
            text, target, reason = entries[place] if place < len(entries) else ("", "", "")
            stem, label = f"value_{field}_{place}", f"{HEADERS[field]}第 {place + 1} 项"
            self.fields[f"{stem}_text"] = forms.CharField(
                label=f"{label}的原值",
                required=False,
                max_length=60,
                initial=text,
                widget=forms.TextInput(attrs=_PLAIN),
            )
            self.fields[f"{stem}_target"] = forms.ChoiceField(
                label=f"{label}读作", required=False, choices=targets, initial=target
            )
            self.fields[f"{stem}_reason"] = forms.CharField(
                label=f"{label}不能上报的原因", required=False, max_length=100, initial=reason,
                widget=forms.TextInput(attrs=_PLAIN),
            )  # fmt: skip

    def _entries(self, field: str) -> list[tuple[str, str, str]]:
        """The table as it is, then what the sample writes besides; nothing where the layout reads all of the sample."""
        table = self.draft.tables.get(field, {})
        entries = [
            (text, REFUSE, target.reason) if isinstance(target, Refused) else (text, target, "")
            for text, target in table.items()
        ]
        present = {value_key(text) for text in table}
        written = [text for text, _ in self.sample.values.get(field, ()) if value_key(text) not in present]
        if table or any(not own_reading(field, text) for text in written):
            entries += [(text, own_reading(field, text), "") for text in written]
        return entries[: MOST_ROWS - SPARE_ROWS]

    def clean(self) -> dict[str, Any]:
        """Everything that was said as one definition."""
        cleaned: dict[str, Any] = super().clean() or self.cleaned_data
        if self.errors:
            return cleaned
        try:
            self.definition = define(self._described(cleaned))
        except ProfileError as refusal:
            for sentence in refusal.sentences:
                self.add_error(None, sentence)
        return cleaned

    def require_names(self) -> bool:
        """For saving: the name and title too. False, with messages at the fields, where they can't be used."""
        if self.header_moved:
            self.add_error("header_row", "换了表头所在行或工作表，请先试读，看过各列后再保存。")
        name, title = self.cleaned_data["name"].strip(), self.cleaned_data["title"].strip()
        if problem := name_problem(name):
            self.add_error("name", problem)
        elif name == REQUIRED_LAYOUT:
            self.add_error("name", "上报格式是规定的格式，不能更改。请换一个代号。")
        elif (self.base is None or name != self.base.name) and ImportProfile.objects.filter(name=name).exists():
            self.add_error("name", "这个代号已经用过。要修改那个方案，请从它开始；另存新方案，请换一个代号。")
        if problem := title_problem(title):
            self.add_error("title", problem)
        return not self.errors

    def _described(self, cleaned: Mapping[str, Any]) -> dict[str, object]:
        tables = {field: table for field in TABLE_FIELDS if (table := self._table(field, cleaned))}
        fixed = {field: text for field in FIXED_FIELDS if (text := cleaned[f"fixed_{field}"].strip())}
        return {
            "headers": self._headers(cleaned),
            "values": tables,
            "dates": cleaned["dates"],
            "fixed": fixed,
            "header_row": cleaned["header_row"],
            "sheet": cleaned["sheet"],
            "origin": cleaned["origin"],
        }

    def _headers(self, cleaned: Mapping[str, Any]) -> dict[str, object]:
        """Names per field: those of the columns that were assigned, and the others that were typed."""
        if self.header_moved:
            # The selects were shown for another header row.
            kept = self.draft.headers.items()
            return {field: {"names": list(headers.names), "only": headers.only} for field, headers in kept}
        columns = self.sample.columns
        assigned = {column.index: cleaned[f"column_{column.index}"] for column in columns}
        self._refuse_doubles(columns, assigned)
        found: dict[str, object] = {}
        for field in FIELDS:
            typed = [name.strip() for name in cleaned[f"names_{field}"].replace("，", "、").split("、") if name.strip()]
            own = [column.header[:60] for column in columns if assigned[column.index] == field]
            # A column that the layout would take for the field, and that is to be left out.
            left_out = any(
                FIELD_BY_HEADER.get(normalise_header(column.header)) == field and not assigned[column.index]
                for column in columns
            )
            only = cleaned[f"only_{field}"] or left_out
            if typed or own or only:
                found[field] = {"names": list(dict.fromkeys([*own, *typed])), "only": only}
        return found

    def _refuse_doubles(self, columns: Iterable[SampleColumn], assigned: Mapping[int, str]) -> None:
        """Two columns for one field, or two columns of one name of which the profile couldn't tell which is meant."""
        by_field: dict[str, SampleColumn] = {}
        by_name: dict[str, SampleColumn] = {}
        for column in columns:
            field, name = assigned[column.index], normalise_header(column.header)
            if field and field in by_field:
                self.add_error(
                    f"column_{column.index}",
                    f"{by_field[field].letters}列和{column.letters}列都对应“{HEADERS[field]}”，请只保留一列。",
                )
            elif (twin := by_name.get(name)) is not None and (field or assigned[twin.index]):
                self.add_error(
                    f"column_{column.index}",
                    f"{twin.letters}列和{column.letters}列的表头相同（“{column.header[:30]}”），无法分别对应。请在文件中改名。",
                )
            if field:
                by_field.setdefault(field, column)
            by_name.setdefault(name, column)

    def _table(self, field: str, cleaned: Mapping[str, Any]) -> dict[str, object]:
        found: dict[str, object] = {}
        for place in range(MOST_ROWS):
            stem = f"value_{field}_{place}"
            text, target = cleaned.get(f"{stem}_text", "").strip(), cleaned.get(f"{stem}_target", "")
            if not text or not target:
                if target:
                    self.add_error(f"{stem}_text", f"请填写{HEADERS[field]}第 {place + 1} 项的原值。")
                continue
            if text in found:
                self.add_error(f"{stem}_text", f"“{text[:30]}”在{HEADERS[field]}的对照表中写了两次。")
            found[text] = {"refused": cleaned[f"{stem}_reason"]} if target == REFUSE else target
        return found

    @property
    def header_moved(self) -> bool:
        """Whether another sheet or header row was chosen than the one whose columns are shown."""
        row, sheet = self.cleaned_data["header_row"], self.cleaned_data["sheet"]
        same_row = row in {self.draft.header_row, self.sample.header_row_number}
        return sheet != self.draft.sheet or not same_row

    @property
    def column_lines(self) -> list[ColumnLine]:
        """The sample's columns, each with its select."""
        return [ColumnLine(column, self[f"column_{column.index}"]) for column in self.sample.columns]

    @property
    def names_lines(self) -> list[NamesLine]:
        """Every field's further names."""
        return [NamesLine(HEADERS[field], self[f"names_{field}"], self[f"only_{field}"]) for field in FIELDS]

    @property
    def fixed_lines(self) -> list[forms.BoundField]:
        """The fields that may have a fixed value."""
        return [self[f"fixed_{field}"] for field in FIXED_FIELDS]

    @property
    def table_lines(self) -> list[ValueTableLines]:
        """The tables of values, row by row."""
        return [
            ValueTableLines(
                HEADERS[field],
                field,
                tuple(
                    TableLine(self[f"{stem}_text"], self[f"{stem}_target"], self[f"{stem}_reason"])
                    for place in range(MOST_ROWS)
                    if f"{(stem := f'value_{field}_{place}')}_text" in self.fields
                ),
            )
            for field in TABLE_FIELDS
        ]
