"""The staff site's sessions: their ends."""

from django.contrib.auth import SESSION_KEY
from django.contrib.sessions.models import Session
from django.utils import timezone

from uploads.models import Person
from uploads.oversight.retention import deletions_are_suspended


def end_sessions(person: Person, *, but: str | None = None) -> int:
    """Delete every live session of the person, except the one with the key `but`; returns how many.

    Goes through all live sessions: a session belongs to a person only by its content, and there are a few hundred.
    """
    ended = 0
    for session in Session.objects.filter(expire_date__gt=timezone.now()).exclude(session_key=but or ""):
        if session.get_decoded().get(SESSION_KEY) == str(person.pk):
            session.delete()
            ended += 1
    return ended


def end_all_sessions() -> int:
    """Delete every live session of the staff site, half-finished logins included; returns how many."""
    ended, _ = Session.objects.filter(expire_date__gt=timezone.now()).delete()
    return ended


def count_sessions(person: Person) -> int:
    """How many live sessions the person has."""
    live = Session.objects.filter(expire_date__gt=timezone.now())
    return sum(session.get_decoded().get(SESSION_KEY) == str(person.pk) for session in live)


def forget_expired_sessions() -> None:
    """Delete what can't be used any more, unless deletions are suspended; a login is often enough for it."""
    if deletions_are_suspended():
        return
    Session.objects.filter(expire_date__lte=timezone.now()).delete()
