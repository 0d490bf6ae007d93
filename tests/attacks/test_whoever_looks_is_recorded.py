"""Every page and download of the staff site that shows a person's record leaves an entry of who looked."""

from collections.abc import Iterator

import pytest
from django.db import transaction
from django.http import HttpResponse

from certificates.models import Certificate
from tests.attacks.crawl import PARAMETER, Route, Visitor, make_subjects, make_visitors, routes
from tests.make import Cast
from uploads.models import AuditEntry, StagedRow

# Downloads in which no person is named: an empty form.
WITHOUT_PEOPLE = frozenset({"staff-batch-template"})


def shown_by(answer: HttpResponse) -> str:
    """What is handed out, as far as it is text, without the spaces that group numbers."""
    content = b"".join(answer.streaming_content) if answer.streaming else answer.content  # type: ignore[attr-defined]
    return content.decode(errors="replace").replace(" ", "").replace("&nbsp;", "").replace("\u2009", "")


def looks(route: Route, address: str, people: list[Visitor]) -> Iterator[tuple[str, HttpResponse, bool]]:
    """The first two who are answered, each with the answer and whether an entry tells it; taken back afterwards."""
    answered = 0
    for visitor in people:
        before = AuditEntry.objects.order_by("-number").values_list("number", flat=True)[0]
        with transaction.atomic():
            answer = visitor.client.get(address)
            if answer.status_code == 200:
                answered += 1
                person = int(visitor.client.session["_auth_user_id"])
                entries = AuditEntry.objects.filter(number__gt=before, person_id=person, outcome="done")
                told = (
                    entries.exclude(address="")
                    .exclude(capacity="")
                    .exclude(subject_kind="")
                    .exclude(action="page.opened")
                    .exists()
                )
                yield visitor.label, answer, told
            transaction.set_rollback(True)
        if answered == 2:
            return


@pytest.mark.django_db
def test_every_page_that_shows_a_person_and_every_download_tells_who_looked() -> None:
    cast = Cast()
    subjects = make_subjects(cast)
    # Whoever isn't signed in is last.
    people = make_visitors(cast)[:-1]
    known = {
        *StagedRow.objects.values_list("certificate_number", flat=True),
        *StagedRow.objects.values_list("holder_name", flat=True),
        *Certificate.objects.values_list("certificate_number", flat=True),
    }
    silent, telling = [], 0
    for route in routes():
        address = PARAMETER.sub(lambda found: str(subjects[found[1]]), route.address)
        for label, answer, told in looks(route, address, people):
            handed_out = "attachment" in answer.headers.get("Content-Disposition", "")
            personal = handed_out and route.name not in WITHOUT_PEOPLE
            personal = personal or any(value in shown_by(answer) for value in known)
            telling += told
            if personal and not told:
                silent.append(f"{route.address} ({route.name}), seen by {label}")
    assert not silent, "shown and not recorded:\n" + "\n".join(silent)
    assert telling > 15
