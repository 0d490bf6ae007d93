"""A file from a visitor, scanned by clamd where one is configured: what isn't clean, or can't be looked at, isn't taken."""

import logging

from django import forms
from django.conf import settings
from django.core.exceptions import ValidationError
from django.core.files.uploadedfile import UploadedFile
from django.utils.translation import gettext as _

from certlookup.clamd import ScannerAway, scan

logger = logging.getLogger(__name__)


class ScannedFileField(forms.FileField):
    """A FileField whose file has been through clamd; without CLAMD_ADDRESS a plain one, which the system page says."""

    def clean(self, data: object, initial: object = None) -> UploadedFile | None:
        """The file, ready to be read from its beginning."""
        file: UploadedFile | None = super().clean(data, initial)
        if not file or not settings.CLAMD_ADDRESS:
            return file
        try:
            found = scan(settings.CLAMD_ADDRESS, file.chunks())
        except ScannerAway as error:
            logger.warning("clamd can't be asked, so a visitor's file wasn't taken: %s", error)
            raise ValidationError(_("现在不能检查文件是否带有病毒，没有收下。请 10 分钟后再试。")) from error
        if found:
            logger.warning("A visitor's file wasn't taken: clamd found %s", found)
            raise ValidationError(_("文件中发现病毒，没有收下。请查杀后另选一个文件。"))
        file.seek(0)
        return file
