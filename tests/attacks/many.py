"""Many of everything that pages show, besides the one that was there: a page that asks for each of them shows itself."""

from datetime import timedelta

from django.test import Client
from django.utils import timezone

from certificates.models import AssessmentBody, Notice, Office
from tests.backup.make import make_custody, make_restoration, make_restore_request
from tests.campaigns.make import make_backfill, make_campaign, make_old_rows
from tests.enquiries.make import REPORTED, make_enquiry
from tests.make import (
    Cast,
    make_actor,
    make_checked_batch,
    make_id_number,
    make_period,
    make_person,
    make_published_release,
    make_release,
    make_row,
    make_rows,
    make_submitted_batch,
    make_workbook,
)
from tests.staff.oddsample import make_odd_sample
from uploads.intake.prechecks import request_precheck, run_precheck
from uploads.intake.trials import receive_sample
from uploads.models import BatchKind, Capacity, HazardGrade, IncidentKind
from uploads.oversight.incidents import open_incident
from uploads.oversight.upkeep import record_inspection, report_hazard
from uploads.people.capacities import delegate_capacity
from uploads.release.reviews import order_review

MORE = 3


def make_many(cast: Cast) -> dict[str, object]:
    """More of everything, and the larger ones of those that an address can name, by the parameter's name."""
    operator = make_actor(Capacity.CITY_OPERATOR, "3705")
    long = make_checked_batch(by=operator, office="3705", rows=make_rows(30, first=140))
    campaign = make_campaign(cast.department_head, name="多单位补录")
    for place in range(MORE):
        make_backfill(cast.operator, campaign, make_old_rows(30, first=200 + 50 * place))
        precheck = request_precheck(
            by=cast.operator,
            office=Office.objects.get(code="3702"),
            period=make_period(),
            kind=BatchKind.REGULAR,
            content=[make_workbook(make_rows(20, first=400))],
            name="预检.xlsx",
        )
        run_precheck(precheck.id)
        AssessmentBody.objects.create(name=f"青岛市鉴定所{place}", office_id="3702", valid_from=timezone.localdate())
        receive_sample(by=cast.provincial_operator, content=[make_odd_sample(rows=9)], name="样表.xlsx", base=None)
        _make_people()
        _make_cases(cast, place)
    for office in ("3709", "3710"):
        seed = 700 + 10 * int(office[-2:])
        make_published_release(Cast(office), rows=make_rows(2, first=seed))
        order_review(
            by=cast.deputy_director,
            certificate_number=str(make_row(seed=seed)["证书编号"]),
            reason="有人举报",
            document="鲁职鉴〔2026〕2号",
        )
    for office in ("3706", "3707"):
        make_submitted_batch(Cast(office), rows=make_rows(3, first=500 + 10 * int(office[-1])))
    release = make_release(Cast("3708"), rows=make_rows(4, first=600))
    return {"batch_id": long.id, "precheck_id": precheck.id, "release_id": release.id, "campaign_id": campaign.id}


def _make_people() -> None:
    director = make_actor(Capacity.CITY_DIRECTOR, "3702")
    delegate_capacity(
        holder=director.person,
        capacity=Capacity.CITY_DIRECTOR,
        office=Office.objects.get(code="3702"),
        to=make_person(office="3702"),
        valid_to=timezone.now() + timedelta(days=9),
        by=director,
    )
    make_actor(Capacity.CITY_OPERATOR, "3702")
    make_actor(Capacity.PROVINCIAL_OPERATOR)


def _make_cases(cast: Cast, place: int) -> None:
    """What is reported, lent out, hidden and noted."""
    make_custody(cast.network_administrator, serial_number=f"WD-4C53-01{place:02d}")
    make_restore_request()
    make_restoration()
    visitor = Client(REMOTE_ADDR=f"192.0.2.{place + 1}")
    make_enquiry(visitor, id_number=make_id_number(seed=900 + place), certificate_number=f"081501200340010{place}")
    visitor.post("/reports/", REPORTED)
    Notice.objects.create(title="停机维护", text="今晚维护。", shown_from=timezone.localdate())
    report_hazard(by=make_actor(Capacity.KEEPER), grade=HazardGrade.GENERAL, description="空调故障", measure="更换")
    record_inspection(
        by=cast.network_administrator,
        inspected_at=timezone.now(),
        all_well=True,
        seen="机房整洁",
        virus_data_on=None,
        checks=[],
    )
    open_incident(
        by=make_actor(Capacity.SECURITY_ADMINISTRATOR),
        kind=IncidentKind.ACCOUNT_LOSS,
        account=make_person(office="3702"),
        since=timezone.now() - timedelta(days=1),
        description="异地登录",
        suspected_crime=False,
    )
