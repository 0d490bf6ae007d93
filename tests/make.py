"""make_... functions: what a test needs, made the way the project makes it.

They run as whoever the test acts as; people and grants are made as owner, as set-up does.
"""

import io
import itertools
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from datetime import date, datetime, timedelta

import openpyxl
from django.conf import settings
from django.db import connections
from django.db.backends.utils import CursorWrapper
from django.utils import timezone

from certificates.levels import level_name
from certificates.models import Office
from certlookup.calendar.periods import Period, current_period
from tests.databases import acting_as
from tests.intake.make import make_id
from uploads.actor import Actor
from uploads.intake import staging
from uploads.intake.periods import fix_period, holidays
from uploads.intake.receive import PaperSigners, receive_file
from uploads.intake.storage import store
from uploads.models import Attempt, Batch, BatchKind, Capacity, Origin, Person, PersonState, Release
from uploads.models.intake import BatchState
from uploads.release.assemble import assemble_release, collectable, order_publication, record_extension
from uploads.release.publish import publish_release
from uploads.signoff.compare import agree_to_all
from uploads.signoff.permissions import lacks_comparison
from uploads.signoff.sign import digest_of_batch, digest_of_release, sign_batch, sign_release

HEADER = (
    "证书编号", "姓名", "性别", "证件类型", "证件号码", "出生日期", "职业(工种)", "职业编码", "等级", "理论知识考试成绩",
    "操作技能考核成绩", "评定成绩", "办理日期", "发证日期", "发证机关", "鉴定机构",
)  # fmt: skip
_counter = itertools.count(1)
# One pixel.
PNG = bytes.fromhex(
    "89504e470d0a1a0a0000000d49484452000000010000000108000000003a7e9b550000000a49444154789c6360000000020001"
    "48afa4710000000049454e44ae426082"
)


@contextmanager
def as_owner() -> Iterator[str]:
    """The alias through which the tables' owner writes: by rights switched in one connection, or by his own login."""
    if "owner" in settings.DATABASES:
        yield "owner"
    else:
        with acting_as("owner"):
            yield "default"


def make_id_number(*, seed: int = 0, female: bool = False) -> str:
    """A resident ID number with a valid check character, of the unused address code 379901."""
    serial = (seed % 499) * 2 + (0 if female else 1)
    born = date(1960, 1, 1) + timedelta(days=seed // 499 % 15_000)
    return make_id(f"{born:%Y%m%d}", f"{serial:03d}")


def make_period() -> Period:
    """The half-month that staff are working on today."""
    return current_period(timezone.localdate(), holidays())


def make_row(*, seed: int = 0, level: int = 3, **changes: object) -> dict[str, object]:
    """One acceptable row of the required layout, by header; `changes` name headers."""
    period = make_period()
    id_number = make_id_number(seed=seed)
    row: dict[str, object] = dict.fromkeys(HEADER, "")
    row |= {
        "证书编号": f"{period.first_day:%y}150200{seed // 99_999:02d}{level}{seed % 99_999 + 1:05d}",
        "姓名": "古丽米热·艾比布力" if seed % 7 == 0 else "张𠮷",
        "性别": "男",
        "证件类型": "居民身份证",
        "证件号码": id_number,
        "出生日期": f"{id_number[6:10]}-{id_number[10:12]}-{id_number[12:14]}",
        "职业(工种)": "电工",
        "职业编码": "6-31-01-03",
        "等级": level_name(level),
        "理论知识考试成绩": "82.5",
        "操作技能考核成绩": "79.0",
        "评定成绩": "合格",
        "办理日期": period.first_day.isoformat(),
        "发证日期": period.first_day.isoformat(),
        "发证机关": "青岛市人力资源和社会保障局",
        "鉴定机构": "青岛市职业技能鉴定中心",
    }
    return row | changes


def make_rows(count: int, *, first: int = 0) -> list[dict[str, object]]:
    """That many different rows."""
    return [make_row(seed=first + place) for place in range(count)]


def make_workbook(rows: Sequence[dict[str, object]], header: Sequence[str] = HEADER) -> bytes:
    """The rows as an .xlsx with one header row."""
    workbook = openpyxl.Workbook(write_only=True)
    sheet = workbook.create_sheet("证书")
    sheet.append(list(header))
    for row in rows:
        sheet.append([row[name] for name in header])
    content = io.BytesIO()
    workbook.save(content)
    return content.getvalue()


def make_person(
    *, name: str = "王测试", office: str | None = None, state: str = PersonState.ACTIVE, staff_number: str = ""
) -> Person:
    """A person with an account that nobody can log in to yet."""
    with as_owner() as alias:
        return Person.objects.using(alias).create(
            staff_number=staff_number or f"88{next(_counter):04d}",
            name=name,
            office_id=office,
            state=state,
            password="!",
        )


def make_actor(capacity: str, office: str | None = None, *, person: Person | None = None) -> Actor:
    """A person who holds the capacity, ready to act in it."""
    person = person or make_person(office=office)
    with as_owner() as alias, connections[alias].cursor() as cursor:
        cursor.execute(
            "SELECT grant_capacity(%s, %s, %s, '2020-01-01T00:00:00Z', NULL, NULL, '')", [person.id, capacity, office]
        )
    return Actor(person, str(capacity), "127.0.0.1")


class Cast:
    """The named people of one office's way to publication, made when first asked for."""

    def __init__(self, office: str = "3702") -> None:
        self.office = office
        self.operator = make_actor(Capacity.CITY_OPERATOR, office)
        self.director = make_actor(Capacity.CITY_DIRECTOR, office)
        self.provincial_operator = make_actor(Capacity.PROVINCIAL_OPERATOR)
        self.department_head = make_actor(Capacity.DEPARTMENT_HEAD)
        self.deputy_director = make_actor(Capacity.DEPUTY_DIRECTOR)
        self.network_administrator = make_actor(Capacity.NETWORK_ADMINISTRATOR)

    @property
    def release_signers(self) -> tuple[Actor, Actor, Actor]:
        """The three of the province, in order."""
        return self.provincial_operator, self.department_head, self.deputy_director


def make_attempt(
    *, by: Actor, office: str, rows: Sequence[dict[str, object]] | None = None, content: bytes | None = None,
    paper: PaperSigners | None = None, kind: BatchKind = BatchKind.REGULAR, compared: bool = True,
) -> Attempt:  # fmt: skip
    """A file received and checked; its sample is compared with the archive where it can be signed here."""
    attempt = receive_file(
        by=by,
        office=Office.objects.get(code=office),
        period=make_period(),
        kind=kind,
        content=[content if content is not None else make_workbook(rows if rows is not None else make_rows(3))],
        name="上报.xlsx",
        origin=Origin.EXAM_SYSTEM,
        paper=paper,
    )
    staging.check_attempt(attempt.id)
    attempt.refresh_from_db()
    if compared:
        make_comparison(by=by, batch=Batch.objects.get(id=attempt.batch_id))
    return attempt


def make_comparison(*, by: Actor, batch: Batch) -> None:
    """The batch's sample agrees with the archive; nothing where there is none to compare."""
    if batch.state == BatchState.CHECKED and lacks_comparison(batch):
        agree_to_all(by=by, batch=batch, digest=digest_of_batch(batch))


def make_change_attempt(
    *,
    by: Actor,
    kind: BatchKind,
    rows: Sequence[dict[str, object]],
    office: str = "3702",
    paper: PaperSigners | None = None,
) -> Attempt:
    """A file of corrections, revocations or reinstatements, received and checked; its columns are the rows' keys."""
    header = list(dict.fromkeys(name for row in rows for name in row))
    filled = [dict.fromkeys(header, "") | row for row in rows]
    return make_attempt(by=by, office=office, content=make_workbook(filled, header), kind=kind, paper=paper)


def make_correction(number: str, **changes: object) -> dict[str, object]:
    """A correction row; `changes` name headers."""
    return {"证书编号": number} | changes | {"更正原因": changes.get("更正原因", "录入有误")}


def make_revocation(number: str, **changes: object) -> dict[str, object]:
    """A revocation row."""
    return {"证书编号": number, "撤销原因": "错误核发", "文号": "鲁人社撤〔2026〕3号"} | changes


def make_reinstatement(number: str, **changes: object) -> dict[str, object]:
    """A reinstatement row."""
    return {"证书编号": number, "恢复原因": "复核属实", "文号": "鲁人社复〔2026〕8号"} | changes


def make_submitted_change(cast: "Cast", kind: BatchKind, rows: Sequence[dict[str, object]]) -> Batch:
    """A batch of changes signed by the city's operator and director."""
    batch = make_change_attempt(by=cast.operator, kind=kind, rows=rows, office=cast.office).batch
    for signer in (cast.operator, cast.director):
        sign_batch(by=signer, batch=batch, digest=digest_of_batch(batch))
    batch.refresh_from_db()
    return batch


def make_approved_change(cast: "Cast", kind: BatchKind, rows: Sequence[dict[str, object]]) -> Release:
    """A replacement release of one batch, signed by all three."""
    batch = make_submitted_change(cast, kind, rows)
    release = assemble_release(by=cast.network_administrator, period=batch.period, batches=[batch])
    for signer in cast.release_signers:
        sign_release(by=signer, release=release, digest=digest_of_release(release))
    release.refresh_from_db()
    return release


def make_published_change(cast: "Cast", kind: BatchKind, rows: Sequence[dict[str, object]]) -> Release:
    """The whole way of a batch of changes."""
    release = make_approved_change(cast, kind, rows)
    sign_release(by=cast.network_administrator, release=release, digest=digest_of_release(release))
    publish_release(release.id)
    release.refresh_from_db()
    return release


def make_checked_batch(*, by: Actor, office: str = "3702", rows: Sequence[dict[str, object]] | None = None) -> Batch:
    """A batch whose file is without errors: waiting for its first signature."""
    return Batch.objects.get(id=make_attempt(by=by, office=office, rows=rows).batch_id)


def make_paper(operator: Person, director: Person, **stated: object) -> PaperSigners:
    """A signed sheet with its scan."""
    stated = {"states_comparison": True} | stated
    return PaperSigners(operator, director, timezone.localdate(), store([PNG]), **stated)  # type: ignore[arg-type]


def make_extension(*, by: Actor, office: str | None = None) -> None:
    """Leave to submit at any time of this and the next days."""
    now = timezone.now()
    record_extension(
        by=by,
        period=fix_period(make_period()),
        office_code=office,
        opens_at=now - timedelta(days=1),
        closes_at=now + timedelta(days=30),
        reason="测试延期",
    )


def make_submitted_batch(cast: Cast, *, rows: Sequence[dict[str, object]] | None = None) -> Batch:
    """A batch signed by the city's operator and director."""
    batch = make_checked_batch(by=cast.operator, office=cast.office, rows=rows)
    make_extension(by=cast.department_head)
    for signer in (cast.operator, cast.director):
        sign_batch(by=signer, batch=batch, digest=digest_of_batch(batch))
    batch.refresh_from_db()
    return batch


def make_release(cast: Cast, *, rows: Sequence[dict[str, object]] | None = None) -> Release:
    """A release of one submitted batch, unsigned."""
    batch = make_submitted_batch(cast, rows=rows)
    return assemble_release(by=cast.network_administrator, period=batch.period, batches=collectable(batch.period))


def make_signed_release(cast: Cast, *, rows: Sequence[dict[str, object]] | None = None) -> Release:
    """A release signed by all three: approved."""
    release = make_release(cast, rows=rows)
    for signer in cast.release_signers:
        sign_release(by=signer, release=release, digest=digest_of_release(release))
    release.refresh_from_db()
    return release


def make_published_release(cast: Cast, *, rows: Sequence[dict[str, object]] | None = None) -> Release:
    """The whole way: published."""
    release = make_signed_release(cast, rows=rows)
    order_publication(by=cast.deputy_director, period=release.period, reason="测试提前")
    sign_release(by=cast.network_administrator, release=release, digest=digest_of_release(release))
    publish_release(release.id)
    release.refresh_from_db()
    return release


def make_effective_time(days_ago: int) -> datetime:
    """A time in the past."""
    return timezone.now() - timedelta(days=days_ago)


@contextmanager
def make_tampering(*tables: str) -> Iterator[CursorWrapper]:
    """A superuser's cursor with the tables' own triggers off: what an attacker does who has taken the whole server."""
    with acting_as("superuser"), connections["default"].cursor() as cursor:
        # Pending foreign key checks would keep the tables from being altered.
        cursor.execute("SET CONSTRAINTS ALL IMMEDIATE")
        for table in tables:
            cursor.execute(f"ALTER TABLE {table} DISABLE TRIGGER USER")
        yield cursor
        for table in tables:
            cursor.execute(f"ALTER TABLE {table} ENABLE TRIGGER USER")
        cursor.execute("SET CONSTRAINTS ALL DEFERRED")
