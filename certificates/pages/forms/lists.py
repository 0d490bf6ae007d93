"""The form for an employer's list: a file or pasted lines, and that the people listed have agreed."""

from django import forms
from django.core.exceptions import ValidationError
from django.core.files.uploadedfile import UploadedFile
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from certificates.lists import ROWS_AT_MOST
from certificates.lists.reading import FILE_BYTES, GivenList, ListError, ListProblem, read_file, read_text
from certificates.pages.forms.scanned import ScannedFileField
from certlookup.spreadsheets.filerules import SpreadsheetError


class ListForm(forms.Form):
    """A list in; given_list holds its rows once the form is valid."""

    use_required_attribute = False

    file = ScannedFileField(
        label=_("名单文件"),
        help_text=_(".xlsx 或 .csv，最多 200 人、1 MB"),
        required=False,
        allow_empty_file=True,
        widget=forms.FileInput(attrs={"accept": ".xlsx,.csv"}),
    )
    lines = forms.CharField(
        label=_("或者粘贴名单"),
        help_text=_("每人一行，依次为姓名、证件号码、证书编号；可以从表格中直接复制，也可以用逗号或空格隔开"),
        required=False,
        strip=False,
        widget=forms.Textarea(attrs={"rows": 6, "autocomplete": "off", "spellcheck": "false"}),
    )
    agreed = forms.BooleanField(
        label=_("名单中的人员都知道并同意我们查询其证书"),
        error_messages={"required": _("请先取得名单中人员的同意，再勾选这一项。")},
    )

    given_list: GivenList | None = None

    def clean(self) -> dict[str, object]:
        """Read the rows, only if nothing else is wrong: a file is opened for good reason only."""
        cleaned = super().clean() or {}
        file, lines = cleaned.get("file"), cleaned.get("lines") or ""
        if self.errors:
            return cleaned
        if file and lines.strip():
            self.add_error("lines", gettext("文件和粘贴的名单只能选一种，请清空其中一项。"))
        elif file:
            self._read_file(file)
        elif lines.strip():
            try:
                self.given_list = read_text(lines)
            except ListError as error:
                self.add_error("lines", problem_message(error))
        else:
            self.add_error("file", gettext("请选择名单文件，或在下一栏粘贴名单。"))
        return cleaned

    def _read_file(self, file: UploadedFile) -> None:
        if (file.size or 0) > FILE_BYTES:
            self.add_error("file", gettext("文件超过 1 MB。请只保留名单需要的几列，另存为新的 .xlsx。"))
            return
        try:
            self.given_list = read_file(file.read(), file.name or "")
        except ListError as error:
            self.add_error("file", problem_message(error))
        except SpreadsheetError as error:
            self.add_error("file", ValidationError(file_message(error)))


def problem_message(error: ListError) -> str:
    """Why a list can't be checked, and what to do."""
    match error.problem:
        case ListProblem.EMPTY:
            return gettext("名单中没有人员。请在表头下面每人填一行。")
        case ListProblem.TOO_MANY_ROWS:
            return gettext("名单有 %(count)s 行，一次最多 %(most)s 行。请分成几份，分别核对。") % {
                "count": error.count,
                "most": ROWS_AT_MOST,
            }
        case ListProblem.TOO_LONG:
            return gettext("粘贴的内容过长。请只粘贴名单需要的几列，或改用文件。")
        case ListProblem.NO_HEADER:
            return gettext("没有找到表头“姓名、证件号码、证书编号”。请使用模板，或在第一行写上这三项。")
        case ListProblem.WRONG_KIND:
            return gettext("名单文件应为 .xlsx 或 .csv。请用表格软件打开，另存为 .xlsx 后再选择。")
        case ListProblem.BUSY:
            return gettext("正在读取的名单较多，这份名单还没有读取。请在 1 分钟后再提交。")


def file_message(error: SpreadsheetError) -> str:
    """Why a file can't be read, in a visitor's words: the intake's own sentences speak to its people."""
    match error.rule:
        case "R-001" | "R-012":
            return gettext("文件是空的。请确认选对了文件。")
        case "R-003":
            return gettext("文件设有密码，无法读取。请在表格软件中取消密码，另存为 .xlsx。")
        case "R-005":
            return gettext("文件中有宏，出于安全原因不读取。请另存为不含宏的 .xlsx。")
        case "R-007":
            return gettext("文件的行数太多，一次最多 200 人。请分成几份，分别核对。")
        case "R-008":
            return gettext("文件的列数太多。请只保留名单需要的几列。")
        case "R-013" | "R-014":
            return gettext("文本文件的编码无法识别。请用表格软件另存为 .xlsx。")
        case "R-021":
            return gettext("第 %(row)s 行的引号没有成对，后面的内容无法分清。请检查该行，或另存为 .xlsx。") % {
                "row": error.detail.get("row", "")
            }
        case "R-009" | "R-010" | "R-006":
            return gettext("文件展开后过大，读取已停止。请把名单复制到新的工作表，另存为 .xlsx。")
    return gettext("文件无法读取：可能已损坏，或者不是表格。请用表格软件打开检查，另存为新的 .xlsx。")
