"""The form of a notice; what the whole public reads asks for the second factor again."""

from datetime import date
from typing import Any

from django import forms

from certificates.names import to_nfc
from uploads.oversight.notices import NoticeDetails
from uploads.pages.campaign_confirmations import day_field
from uploads.pages.confirmation import ConfirmationForm

_TEXTS = ("title", "text", "english_title", "english_text")


class NoticeForm(ConfirmationForm):
    """What a notice says, and when."""

    title = forms.CharField(
        label="标题",
        max_length=80,
        error_messages={"required": "请填写标题。", "max_length": "标题最多 %(limit_value)d 个字。"},
    )
    text = forms.CharField(
        label="正文",
        max_length=4000,
        help_text="写明什么事、从何时到何时、对查询有什么影响。空一行另起一段；不要写个人信息。",
        widget=forms.Textarea(attrs={"rows": 6}),
        error_messages={"required": "请填写正文。", "max_length": "正文最多 %(limit_value)d 个字。"},
    )
    english_title = forms.CharField(
        label="英文标题",
        required=False,
        max_length=160,
        help_text="英文标题和正文要么都填，要么都空着；空着的，英文版显示中文并说明只有中文。",
        widget=forms.TextInput(attrs={"lang": "en"}),
        error_messages={"max_length": "英文标题最多 %(limit_value)d 个字符。"},
    )
    english_text = forms.CharField(
        label="英文正文",
        required=False,
        max_length=8000,
        widget=forms.Textarea(attrs={"rows": 6, "lang": "en"}),
        error_messages={"max_length": "英文正文最多 %(limit_value)d 个字符。"},
    )
    shown_from = day_field("开始显示的日期", "从这一天零时起，公众能看到。")
    shown_until = day_field(
        "最后一天", "过了这一天不再显示；不填为一直显示。要立即撤下，两个日期都填昨天。", required=False
    )
    on_home = forms.BooleanField(label="同时显示在首页", required=False)

    field_order = ["title", "text", "english_title", "english_text", "shown_from", "shown_until", "on_home"]

    def clean(self) -> dict[str, Any]:
        """English whole or not at all, and an end after the beginning."""
        data = super().clean() or self.cleaned_data
        for name in _TEXTS:
            if name in data:
                data[name] = to_nfc(data[name]).replace("\r\n", "\n").strip()
        if bool(data.get("english_title")) != bool(data.get("english_text")) and not self.errors:
            missing = "english_text" if data.get("english_title") else "english_title"
            self.add_error(missing, "英文标题和正文要么都填，要么都空着。")
        begins, ends = data.get("shown_from"), data.get("shown_until")
        if isinstance(begins, date) and isinstance(ends, date) and ends < begins:
            self.add_error("shown_until", "最后一天早于开始显示的日期，请改正。")
        return data

    @property
    def details(self) -> NoticeDetails:
        """After is_valid()."""
        return NoticeDetails(**{name: self.cleaned_data[name] for name in NoticeDetails.__slots__})
