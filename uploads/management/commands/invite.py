"""manage.py invite STAFF_NUMBER --capacity CAPACITY: a first account's invitation link, before anyone can log in."""

from django.conf import settings
from django.core.exceptions import ValidationError
from django.core.management.base import BaseCommand, CommandError, CommandParser
from django.utils import timezone

from certificates.models import Office
from certlookup.databases import as_owner
from uploads.models import Capacity, Person
from uploads.people.accounts import create_person
from uploads.people.capacities import grant_capacity
from uploads.people.entitlement import grants_of
from uploads.people.invitations import invite
from uploads.refusals import Refusal


class Command(BaseCommand):
    help = "Creates a person, gives a capacity, and prints the link by which that person opens the account."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("staff_number")
        parser.add_argument("--capacity", required=True, choices=[capacity.value for capacity in Capacity])
        parser.add_argument("--name", default="", help="the person's name; needed when the staff number is new")
        parser.add_argument("--office", default="", help="the office's code, for a city's capacity")

    def handle(self, *args: object, **options: str) -> None:
        if "owner" not in settings.DATABASES:
            raise CommandError("DATABASE_OWNER_URL isn't set: only the database's owner gives a first capacity.")
        capacity = Capacity(options["capacity"])
        if capacity.belongs_to_an_office != bool(options["office"]):
            raise CommandError("--office is needed for city_operator and city_director, and only for these.")
        try:
            with as_owner():
                self._invite(options["staff_number"].strip().upper(), capacity, options)
        except Refusal as refusal:
            raise CommandError(f"{refusal.sentence()} ({refusal.key})") from refusal
        except ValidationError as error:
            raise CommandError(" ".join(error.messages)) from error

    def _invite(self, staff_number: str, capacity: Capacity, options: dict[str, str]) -> None:
        office = None
        if options["office"]:
            office = Office.objects.filter(code=options["office"]).first()
            if office is None:
                raise CommandError(f"There is no office {options['office']}.")
        person = Person.objects.filter(staff_number=staff_number).first()
        if person is None:
            if not options["name"].strip():
                raise CommandError(f"{staff_number} is new: say whose it is with --name.")
            person = create_person(staff_number=staff_number, name=options["name"].strip(), office=office, by=None)
        invitation = invite(person=person, by=None)
        held = {(grant.capacity, grant.office_id) for grant in grants_of(person, timezone.now())}
        if (capacity.value, office.code if office else None) not in held:
            grant_capacity(person=person, capacity=capacity, office=office, by=None)
        until = timezone.localtime(invitation.valid_until)
        self.stdout.write(invitation.url)
        self.stderr.write(f"For {person.name} ({staff_number}) alone; works once, until {until:%Y-%m-%d %H:%M}.")
