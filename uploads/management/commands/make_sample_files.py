"""manage.py make_sample_files DIR: spreadsheets such as the cities send, about people who don't exist."""

import datetime as dt
from argparse import ArgumentParser
from pathlib import Path

from django.core.management.base import BaseCommand, CommandError
from django.utils import timezone

from certlookup.calendar.holidays import Holidays
from uploads.samples.examexport import write_exam_export
from uploads.samples.files import write_samples


class Command(BaseCommand):
    help = "Writes spreadsheets such as the cities send. The same seed and day give the same rows."
    requires_system_checks: list[str] = []

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("folder", type=Path)
        parser.add_argument("--seed", type=int, default=1)
        parser.add_argument("--rows", type=int, default=2000, help="for the four half-months that are over, together")
        parser.add_argument("--today", type=dt.date.fromisoformat, default=None, help="the day they are written on")

    def handle(self, *args: object, **options: object) -> None:
        folder, today = options["folder"], options["today"]
        assert isinstance(folder, Path)
        assert today is None or isinstance(today, dt.date)
        seed, day = int(str(options["seed"])), today or timezone.localdate()
        # The overrides that staff enter stand in the database; the files do without one.
        holidays = Holidays({})
        try:
            written = write_samples(folder, seed=seed, rows=int(str(options["rows"])), today=day, holidays=holidays)
            export = write_exam_export(folder, seed=seed, today=day, holidays=holidays)
        except OSError as error:
            raise CommandError(f"{folder} can't be written: {error.strerror}.") from error
        self.stdout.write(
            f"{len(written)} files with {sum(sample.rows for sample in written)} rows in {folder}, and {export.name}, "
            "an export to be read by --profile exam-system."
        )
