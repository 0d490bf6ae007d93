"""manage.py check_system: one line per check; exit status 0 all well, 1 warning, 2 failure."""

import json
import sys
from argparse import ArgumentParser

from django.core.management.base import BaseCommand

from uploads.oversight.system import Condition, check_system, worst

STATUS = {Condition.WELL: 0, Condition.WARNING: 1, Condition.FAILURE: 2}


class Command(BaseCommand):
    help = "Looks at everything that has to be well. Exit status: 0 all well, 1 warning, 2 failure."
    # They are among what is looked at, and would end the command before the rest.
    requires_system_checks: list[str] = []

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("--json", action="store_true", help="print one JSON object")

    def handle(self, *args: object, **options: object) -> None:
        findings = list(check_system())
        if options["json"]:
            checks = [
                {"name": finding.name, "condition": str(finding.condition), "seen": finding.seen}
                for finding in findings
            ]
            self.stdout.write(json.dumps({"condition": str(worst(findings)), "checks": checks}, ensure_ascii=False))
        else:
            for finding in findings:
                self.stdout.write(f"{finding.condition.upper():8}{finding.name:15}{finding.seen}")
        sys.exit(STATUS[worst(findings)])
