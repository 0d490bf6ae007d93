"""The demo's offices: responsible people, fictitious telephones, assessment bodies, and what each has collected."""

from datetime import date

from certificates.models import AssessmentBody, Coverage, Office
from certificates.models.offices import CoverageState
from certificates.reference import LAIWU, PROVINCE
from certlookup.databases import as_owner, current_alias
from uploads.demo.cast import ROLES
from uploads.oversight.audit import one_act, record
from uploads.samples.bodies import BODIES, OFFICES

# Two cities still collect what is older than the demo's first half-month.
COLLECTING = ("3704", "3717")


def describe_offices(complete_from: date) -> None:
    """Fill in the offices, their bodies and their coverage. Writes office, assessment_body, coverage and audit; may be
    run again.

    complete_from is the first day of the earliest half-month that the demo publishes.
    """
    responsible = {role.office: role.name for role in reversed(ROLES)}
    act = one_act(by=None, action="demo.offices_described", subject_kind="office", subject_id=PROVINCE)
    with as_owner(), act:
        for sample in OFFICES:
            Office.objects.filter(code=sample.code).update(
                responsible_person=responsible[sample.code],
                responsible_phone=f"{sample.area_code}-00000001",
                contact_phone=f"{sample.area_code}-00000000",
                contact_address=f"{sample.name}示例路1号" if sample.code != PROVINCE else "济南市示例路1号",
            )
        AssessmentBody.objects.bulk_create(
            [
                AssessmentBody(
                    office_id=body.office,
                    name=body.name,
                    code=body.code,
                    is_county=body.is_county,
                    phone=body.phone,
                    address=body.address,
                )
                for body in BODIES
            ],
            ignore_conflicts=True,
        )
        for office in Office.objects.all():
            _cover(office, complete_from)
        record(by=None, action="demo.offices_described", subject_kind="office", subject_id=PROVINCE)


def _cover(office: Office, complete_from: date) -> None:
    if office.code == LAIWU:
        state = CoverageState.NOT_BEGUN
    elif office.code in COLLECTING:
        state = CoverageState.COLLECTING
    else:
        state = CoverageState.COMPLETE
    since = complete_from if state == CoverageState.COMPLETE else None
    Coverage.objects.using(current_alias()).get_or_create(
        office=office, defaults={"state": state, "complete_from": since}
    )
