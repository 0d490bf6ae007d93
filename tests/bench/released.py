"""A release of many rows whose publication is ordered: signed by everybody who has to, by the project's own actions.

Only the rows themselves are made in the database, for a file of a million would take longer to check than to publish.
"""

from __future__ import annotations

from datetime import timedelta

from django.db import connection, connections
from django.utils import timezone

from certificates.models import Office
from certlookup.calendar.periods import Period
from tests.bench.period import bench_period
from uploads.actor import Actor
from uploads.intake.periods import fix_period
from uploads.models import Attempt, Batch, Capacity, Person, Release
from uploads.release.assemble import (
    assemble_release,
    collectable,
    explain_lateness,
    order_publication,
    record_extension,
)
from uploads.signoff.compare import agree_to_all
from uploads.signoff.sign import digest_of_batch, digest_of_release, sign_batch, sign_release

OFFICES = ("3701", "3702", "3706", "3707", "3713")
_ROWS = """
    INSERT INTO staged_row (attempt_id, row_number, certificate_number, kind, holder_name, sex, id_type, id_commitment,
        birth_date, occupation, occupation_code, level, level_text, theory_score, skill_score, result, processed_date,
        issue_date, issuing_authority, assessment_office, changed_fields, id_sealed, id_index, key_version)
    SELECT %(attempt)s, 2 + n,
        '2615' || lpad((%(place)s * 200 + n / 99999)::text, 6, '0') || (1 + n %% 5) || lpad((1 + n %% 99999)::text, 5, '0'),
        'issued', '测试' || n %% 100000, CASE n %% 2 WHEN 0 THEN '男' ELSE '女' END, 'resident_id',
        sha256(int4send(-n - %(place)s * 1000000)), date '1960-01-01' + n %% 15000, '电工', '6-31-01-03', 1 + n %% 5,
        '三级/高级工', '82.5', '79.0', '合格', %(day)s, %(day)s, '青岛市人力资源和社会保障局', '青岛市职业技能鉴定中心', '{}',
        sha256(int4send(n)) || sha256(int4send(-n)) || decode('00112233445566778899aabbccdd', 'hex'),
        sha256(int4send(n + %(place)s * 1000000)), 1
    FROM generate_series(0, %(rows)s::integer - 1) n"""


def make_ordered_release(rows: int) -> Release:
    """That many rows of five cities in one release; the network administrator has pressed 上传上网."""
    province = {
        capacity: _actor(capacity)
        for capacity in (
            Capacity.PROVINCIAL_OPERATOR,
            Capacity.DEPARTMENT_HEAD,
            Capacity.DEPUTY_DIRECTOR,
            Capacity.NETWORK_ADMINISTRATOR,
        )
    }
    days = fix_period(_period())
    now = timezone.now()
    record_extension(
        by=province[Capacity.DEPARTMENT_HEAD],
        period=days,
        office_code=None,
        opens_at=now - timedelta(days=1),
        closes_at=now + timedelta(days=1),
        reason="测试",
    )
    for place, office in enumerate(OFFICES):
        share = rows // len(OFFICES) + (rows % len(OFFICES) if place == 0 else 0)
        _submit(office, place, share)
    administrator = province[Capacity.NETWORK_ADMINISTRATOR]
    release = assemble_release(by=administrator, period=days, batches=collectable(days))
    digest = digest_of_release(release)
    for actor in list(province.values())[:3]:
        sign_release(by=actor, release=release, digest=digest)
    order_publication(by=province[Capacity.DEPUTY_DIRECTOR], period=days, reason="测试")
    release.refresh_from_db()
    explain_lateness(by=administrator, release=release, reason="测试")
    sign_release(by=administrator, release=release, digest=digest)
    return release


def _period() -> Period:
    """Before the one of the files that are measured, which leave batches of their own."""
    return bench_period().previous()


def _actor(capacity: Capacity, office: str | None = None) -> Actor:
    number = f"B{Person.objects.count():05}"
    person = Person.objects.using("owner").create(
        staff_number=number, name="测试", office_id=office, state="active", password="!"
    )
    with connections["owner"].cursor() as cursor:
        cursor.execute(
            "SELECT grant_capacity(%s, %s, %s, '2020-01-01T00:00:00Z', NULL, NULL, '')",
            [person.pk, capacity, office],
        )
    return Actor(person, str(capacity), "")


def _submit(office: str, place: int, rows: int) -> None:
    operator, director = _actor(Capacity.CITY_OPERATOR, office), _actor(Capacity.CITY_DIRECTOR, office)
    period, now = _period(), timezone.now()
    batch = Batch.objects.create(
        office=Office.objects.get(code=office), period_id=period.code, kind="regular", way_in="account",
        created_by=operator.person, created_at=now, state_since=now,
    )  # fmt: skip
    attempt = Attempt.objects.create(
        batch=batch, number=1, original_name="测试.csv", stored_name="", byte_count=1, file_digest=b"",
        origin="exam_system", uploaded_by=operator.person, received_at=now,
    )  # fmt: skip
    with connection.cursor() as cursor:
        cursor.execute("SELECT open_attempt(%s, %s, %s, '')", [batch.id, attempt.id, operator.person.id])
        cursor.execute("UPDATE attempt SET state = 'checking' WHERE id = %s", [attempt.id])
        cursor.execute(_ROWS, {"attempt": attempt.id, "place": place, "day": period.last_day, "rows": rows})
        cursor.execute(
            "UPDATE attempt SET state = 'checked', checked_at = now(), read_count = %s, accepted_count = %s, "
            "digest = attempt_digest(id) WHERE id = %s",
            [rows, rows, attempt.id],
        )
        cursor.execute("UPDATE batch SET state = 'checked' WHERE id = %s", [batch.id])
    batch.refresh_from_db()
    digest = digest_of_batch(batch)
    agree_to_all(by=operator, batch=batch, digest=digest)
    for signer in (operator, director):
        sign_batch(by=signer, batch=batch, digest=digest)
