"""Two presses at once on one laid-down file end with one attempt and one clear refusal."""

import threading
from functools import partial

from django.db import connections

from certificates.models import Office
from tests.databases import Copy
from tests.make import Cast, make_paper, make_period, make_rows, make_workbook
from uploads.intake.parked import Offered, become_attempt, kept, park_files
from uploads.intake.receive import receive_file
from uploads.models import Attempt, Origin, ParkedFile
from uploads.refusals import Refusal


def test_of_two_presses_at_once_one_imports_the_file(fresh_database: Copy) -> None:
    cast = Cast()
    assert not park_files(by=cast.provincial_operator, files=[Offered("青岛.xlsx", [make_workbook(make_rows(2))])])
    parked = ParkedFile.objects.get()
    papers = [make_paper(cast.operator.person, cast.director.person) for _ in range(2)]
    start, answers = threading.Barrier(2), []

    def press(number: int) -> None:
        start.wait()
        try:
            receive_file(
                by=cast.provincial_operator,
                office=Office.objects.get(code="3702"),
                period=make_period(),
                content=kept(parked).chunks(),
                name=parked.original_name,
                origin=Origin.EXAM_SYSTEM,
                paper=papers[number],
                also=partial(become_attempt, parked),
            )
            answers.append("imported")
        except Refusal as refusal:
            answers.append(refusal.key)
        finally:
            connections.close_all()

    threads = [threading.Thread(target=press, args=[number]) for number in range(2)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sorted(answers) == ["imported", "parked_file_is_gone"]
    assert Attempt.objects.count() == 1
    parked.refresh_from_db()
    assert parked.attempt == Attempt.objects.get()
