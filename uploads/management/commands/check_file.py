"""manage.py check_file FILE: what the upload page would say, without storing anything (docs: contract of commands)."""

import json
import sys
from argparse import ArgumentParser
from pathlib import Path
from typing import NoReturn

from django.core.management.base import BaseCommand
from django.db.models import Q
from django.utils import timezone

from certificates.models import Office
from certlookup.calendar.periods import Period, PeriodError
from certlookup.spreadsheets.filerules import SpreadsheetError
from uploads.intake.precheck import FileReport, check_without_storing
from uploads.intake.profiles import REQUIRED_LAYOUT
from uploads.intake.savedprofiles import profile_called, profiles_in_use
from uploads.models import BatchKind, Campaign, ImportProfile
from uploads.refusals import SENTENCES

ACCEPTABLE, REFUSED, UNREADABLE = 0, 1, 2


class Command(BaseCommand):
    help = "Checks a file without storing anything. Exit status: 0 acceptable, 1 refused rows, 2 can't be read."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("file", type=Path)
        parser.add_argument("--office", required=True, help="3700 for 省本级, 3701 to 3717 for the cities")
        parser.add_argument("--period", required=True, help="such as 2026-11-B")
        parser.add_argument("--kind", choices=[str(kind) for kind in BatchKind], default=str(BatchKind.REGULAR))
        parser.add_argument("--profile", help="import profile, such as exam-system; without it the required layout")
        parser.add_argument("--campaign", help="a backfill file's campaign, by number or name; else the only open one")
        parser.add_argument("--json", action="store_true", help="print one JSON object")

    def handle(self, *args: object, **options: object) -> None:
        as_json = bool(options["json"])
        path = options["file"]
        assert isinstance(path, Path)
        try:
            office = Office.objects.get(code=str(options["office"]))
            period = Period.parse(str(options["period"]))
            kind = BatchKind(str(options["kind"]))
            report = check_without_storing(
                path,
                office=office,
                period=period,
                kind=kind,
                campaign=self._campaign(options["campaign"], kind, office, as_json=as_json),
                profile=self._profile(options["profile"], kind, as_json=as_json),
            )
        except Office.DoesNotExist:
            self._cannot("", f"There is no office {options['office']}.", as_json=as_json)
        except PeriodError:
            self._cannot("", f"{options['period']} is not a period such as 2026-11-B.", as_json=as_json)
        except OSError as error:
            self._cannot("", f"{path} can't be opened: {error.strerror}.", as_json=as_json)
        except SpreadsheetError as error:
            self._cannot(error.rule, error.message_zh, as_json=as_json)
        self.stdout.write(json.dumps(_described(report), ensure_ascii=False) if as_json else _told(report))
        sys.exit(ACCEPTABLE if report.acceptable else REFUSED)

    def _profile(self, name: object, kind: BatchKind, *, as_json: bool) -> ImportProfile | None:
        """The profile of that name or title; None: the required layout."""
        if name is None:
            return None
        found = profile_called(str(name))
        if found is None:
            known = ", ".join(f"{profile.name} ({profile.title})" for profile in profiles_in_use())
            self._cannot("", f"There is no import profile {name}. There are: {known}.", as_json=as_json)
        if kind.is_change and found.name != REQUIRED_LAYOUT:
            self._cannot("", f"A {kind} file has columns of its own: no profile but required.", as_json=as_json)
        return found

    def _campaign(self, wanted: object, kind: BatchKind, office: Office, *, as_json: bool) -> Campaign | None:
        """The campaign that was named, if one was; ends the command where it takes nothing from this office now."""
        if wanted is None:
            return None
        if kind != BatchKind.BACKFILL:
            self._cannot("", "Only a backfill file belongs to a campaign; add --kind backfill.", as_json=as_json)
        text = str(wanted)
        by_number = Q(id=int(text)) if text.isascii() and text.isdigit() and len(text) < 10 else Q(pk=None)
        campaign = Campaign.objects.filter(by_number | Q(name=text)).order_by("id").first()
        if campaign is None:
            self._cannot("", f"There is no campaign {text}.", as_json=as_json)
        elif not campaign.asked.filter(office=office).exists():
            self._cannot("", SENTENCES["campaign_asks_other_offices"], as_json=as_json)
        elif refusal := campaign.refusal_on(timezone.localdate()):
            self._cannot("", SENTENCES[refusal], as_json=as_json)
        return campaign

    def _cannot(self, rule: str, message: str, *, as_json: bool) -> NoReturn:
        error = {"error": {"rule": rule, "message": message}}
        self.stdout.write(json.dumps(error, ensure_ascii=False) if as_json else f"{rule} {message}".strip())
        sys.exit(UNREADABLE)


def _described(report: FileReport) -> dict[str, object]:
    return {
        "rows": report.rows,
        "accepted": report.accepted,
        "refused": report.refused,
        "problems": [
            {
                "row": problem.row_number,
                "column": problem.column,
                "field": problem.field,
                "rule": problem.rule,
                "severity": str(problem.severity),
                "message": problem.message,
            }
            for problem in report.problems
        ],
    } | ({"changes": _changes(report)} if report.changes else {})


def _changes(report: FileReport) -> list[dict[str, object]]:
    """Of a correction, revocation or reinstatement: every field before and after, ID numbers masked."""
    return [
        {
            "row": change.row_number,
            "certificate_number": change.certificate_number,
            "state": change.kind,
            "fields": [{"field": each.field, "before": each.before, "after": each.after} for each in change.fields],
        }
        for change in report.changes
    ]


def _told(report: FileReport) -> str:
    lines = [f"{report.rows} rows: {report.accepted} accepted, {report.refused} refused."]
    lines += [
        f"{problem.row_number}\t{problem.column}\t{problem.rule}\t{problem.message}" for problem in report.problems
    ]
    lines += [
        f"{change.row_number}\t{change.certificate_number}\t{each.label}\t{each.before} -> {each.after}"
        for change in report.changes
        for each in change.fields
    ]
    return "\n".join(lines)
