"""The passwords that a person had before: none of the newest five comes back."""

from django.contrib.auth.hashers import check_password
from django.utils import timezone

from uploads.models import FormerPassword, Person

REMEMBERED = 5


def remember_password(person: Person) -> None:
    """Keep the present hash among the former ones, and delete what is older than the newest five."""
    if not person.has_usable_password():
        return
    FormerPassword.objects.create(person=person, password=person.password, replaced_at=timezone.now())
    kept = list(FormerPassword.objects.filter(person=person).values_list("id", flat=True)[:REMEMBERED])
    FormerPassword.objects.filter(person=person).exclude(id__in=kept).delete()


def was_used_before(person: Person, new: str) -> bool:
    """Whether this is one of the former passwords that are kept; each comparison costs a hash."""
    former = FormerPassword.objects.filter(person=person).values_list("password", flat=True)[:REMEMBERED]
    return any(check_password(new, password) for password in former)
