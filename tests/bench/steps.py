"""What is measured, each in a process of its own: `python -m tests.bench.steps STEP ARGUMENT ...` prints one line of JSON.

Seconds are those of the step itself, without the start of Python and Django.
"""

import json
import os
import sys
import time
from collections.abc import Callable
from pathlib import Path

import django

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "certlookup.settings")


def read_with_calamine(path: str) -> dict[str, object]:
    """Merely read a workbook to its end, as plainly as the library offers it."""
    from python_calamine import load_workbook

    started = time.perf_counter()
    rows = sum(1 for _ in load_workbook(path).get_sheet_by_index(0).iter_rows())
    return {"seconds": time.perf_counter() - started, "rows": rows - 1}


def stage(path: str) -> dict[str, object]:
    """Check a file as the worker does: read, checked, sealed, staged, compared, under the staff role."""
    from uploads.intake import staging

    attempt = _make_attempt(Path(path))
    started = time.perf_counter()
    staging.check_attempt(attempt.id)
    seconds = time.perf_counter() - started
    attempt.refresh_from_db()
    return {
        "seconds": seconds, "attempt": attempt.id, "state": attempt.state, "rows": attempt.read_count,
        "refused": attempt.refused_count, "problems": attempt.problems.count(),
    }  # fmt: skip


def compare(attempt_id: str) -> dict[str, object]:
    """The checks across rows, the register and the other batches, for an attempt that is staged already."""
    from django.db import transaction

    from uploads.intake.checks import problems_in_rows
    from uploads.intake.columns import FIELDS, HEADERS, match_columns
    from uploads.intake.comparing import begin_comparing
    from uploads.models import Attempt

    attempt = Attempt.objects.select_related("batch").get(id=attempt_id)
    columns = match_columns([HEADERS[field] for field in FIELDS]).columns
    assert columns is not None
    times = []
    for _ in range(3):
        with transaction.atomic():
            begin_comparing()
            started = time.perf_counter()
            found = sum(1 for _ in problems_in_rows(attempt, columns))
            times.append(time.perf_counter() - started)
    return {"seconds": sorted(times)[1], "times": times, "problems": found}


def import_with_import_export(path: str) -> dict[str, object]:
    """Import a workbook with django-import-export into a plain model, with its settings for bulk."""
    from django.db import connection

    from tests.bench.plain import PlainCertificate, PlainResource, load

    with connection.schema_editor() as editor:
        editor.create_model(PlainCertificate)
    started = time.perf_counter()
    result = PlainResource().import_data(load(Path(path)), raise_errors=True, use_transactions=True)
    seconds = time.perf_counter() - started
    assert not result.has_errors()
    return {"seconds": seconds, "rows": PlainCertificate.objects.count()}


def fill(argument: str) -> dict[str, object]:
    """A register of so many certificates with sealed ID numbers; the argument is the number and a superuser's URL."""
    from tests.bench.sealed import fill_register

    count, url = argument.split(" ", 1)
    started = time.perf_counter()
    fill_register(url, int(count))
    return {"seconds": time.perf_counter() - started}


def copy(argument: str) -> dict[str, object]:
    """A register to look up in; the argument is how many certificates, and the owner's URL."""
    from tests.bench.certificates import copy_certificates

    count, url = argument.split(" ", 1)
    started = time.perf_counter()
    copy_certificates(url, int(count))
    return {"seconds": time.perf_counter() - started}


def release(rows: str) -> dict[str, object]:
    """A release of so many staged rows, signed by everybody; its publication is ordered."""
    from tests.bench.released import make_ordered_release

    started = time.perf_counter()
    made = make_ordered_release(int(rows))
    return {"seconds": time.perf_counter() - started, "release": made.pk}


def publish(release_id: str) -> dict[str, object]:
    """What the worker does to make it public."""
    from uploads.models import Release
    from uploads.release.publish import publish_release

    started = time.perf_counter()
    publish_release(int(release_id))
    seconds = time.perf_counter() - started
    made = Release.objects.select_related("publication").get(id=release_id)
    return {"seconds": seconds, "published": made.publication.row_count if made.publication else 0}


def store_root(publication_id: str) -> dict[str, object]:
    """The root over a publication's leaves, as the worker computes it."""
    from uploads.oversight import roots

    started = time.perf_counter()
    roots.store_root(int(publication_id))
    return {"seconds": time.perf_counter() - started}


def read_and_unseal(_: str) -> dict[str, object]:
    """Merely read the register's rows and open each ID number."""
    from certlookup.sealing import SealedId, unseal_id
    from uploads.oversight.verification import _rows, open_connection

    started, count = time.perf_counter(), 0
    with open_connection("default") as connection:
        for _position, sealed, index, version, *values in _rows(connection, 1):
            unseal_id(SealedId(values[5], sealed, index, version))
            count += 1
    return {"seconds": time.perf_counter() - started, "rows": count}


def verify(_: str) -> dict[str, object]:
    """Recompute the register: leaves, root, chain, counts, every ID number's commitment and index."""
    from uploads.oversight.verification import open_connection, verify_register

    started = time.perf_counter()
    with open_connection("default") as connection:
        differences = verify_register(connection, unseal=True)
        row = connection.execute("SELECT count(*) FROM certificate").fetchone()
    seconds = time.perf_counter() - started
    return {"seconds": seconds, "rows": row[0] if row else 0, "differences": len(differences)}


def verify_audit(_: str) -> dict[str, object]:
    """Recompute the audit trail: every entry's hash, the head, what was noted elsewhere."""
    from uploads.oversight import auditchain
    from uploads.oversight.verification import open_connection

    started = time.perf_counter()
    with open_connection("default") as connection:
        differences = auditchain.verify_audit(connection)
    return {"seconds": time.perf_counter() - started, "differences": len(differences)}


def _make_attempt(path: Path):  # noqa: ANN202 - models can be named only once Django is set up
    from django.utils import timezone

    from certificates.models import AssessmentBody
    from certlookup.databases import as_owner
    from tests.bench.files import OFFICE
    from tests.bench.period import bench_period
    from uploads.intake.periods import fix_period
    from uploads.intake.storage import store
    from uploads.models import Attempt, Batch, Person
    from uploads.samples.bodies import BODIES

    now = timezone.now()
    # Accounts come by invitation; the staff role itself can make none.
    with as_owner():
        person, _ = Person.objects.get_or_create(staff_number="BENCH", defaults={"name": "测试"})
    AssessmentBody.objects.bulk_create(
        [AssessmentBody(office_id=body.office, name=body.name, code=body.code) for body in BODIES],
        ignore_conflicts=True,
    )
    batch, _ = Batch.objects.get_or_create(
        office_id=OFFICE, period=fix_period(bench_period()), kind="regular",
        defaults={"way_in": "account", "created_by": person, "created_at": now, "state_since": now},
    )  # fmt: skip
    with path.open("rb") as file:
        stored = store(iter(lambda: file.read(1 << 20), b""))
    return Attempt.objects.create(
        batch=batch, number=batch.attempts.count() + 1, original_name=path.name, stored_name=stored.name,
        byte_count=stored.byte_count, file_digest=stored.digest, origin="exam_system", uploaded_by=person,
        received_at=now,
    )  # fmt: skip


STEPS: dict[str, Callable[[str], dict[str, object]]] = {
    "calamine": read_with_calamine,
    "stage": stage,
    "compare": compare,
    "import_export": import_with_import_export,
    "fill": fill,
    "copy": copy,
    "release": release,
    "publish": publish,
    "root": store_root,
    "unseal": read_and_unseal,
    "verify": verify,
    "verify_audit": verify_audit,
}

if __name__ == "__main__":
    if sys.argv[1] != "calamine":
        django.setup()
    print(json.dumps(STEPS[sys.argv[1]](sys.argv[2])))
