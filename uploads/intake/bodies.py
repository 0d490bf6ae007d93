"""鉴定机构: what staff record of the assessment bodies, which checks on intake and the public result page read."""

from dataclasses import asdict, dataclass
from datetime import date

from certificates.models import AssessmentBody, Office
from uploads.actor import Actor
from uploads.models import Capacity
from uploads.oversight.audit import one_act, record
from uploads.refusals import Refusal
from uploads.signoff.permissions import holds


@dataclass(frozen=True, slots=True)
class BodyDetails:
    """Everything that is recorded of a body. code: digits 3 to 10 of its certificates' numbers, "" if unknown.

    A body that ended has its last day, and the body that answers for its certificates if there is one.
    """

    name: str
    code: str
    is_county: bool
    phone: str
    address: str
    valid_from: date | None
    valid_to: date | None
    successor_id: int | None


def add_body(*, by: Actor, office: Office, details: BodyDetails) -> AssessmentBody:
    """Record a body of an office. Writes assessment_body and audit. Raises Refusal."""
    with one_act(by=by, action="body.add", subject_kind="office", subject_id=office.code):
        _require_keeper(by)
        _require_new_name(details.name, None)
        body = AssessmentBody.objects.create(office=office, **asdict(details))
        given: dict[str, object] = {name: value for name, value in _told(details).items() if value}
        _record(by, "body.added", body, given)
    return body


def change_body(*, by: Actor, body: AssessmentBody, details: BodyDetails) -> None:
    """Change what is recorded of a body, its end included; the audit keeps what changed. Raises Refusal."""
    with one_act(by=by, action="body.change", subject_kind="body", subject_id=str(body.id)):
        _require_keeper(by)
        _require_new_name(details.name, body.id)
        present = AssessmentBody.objects.select_for_update().get(id=body.id)
        before = _told(BodyDetails(**{name: getattr(present, name) for name in BodyDetails.__slots__}))
        after = _told(details)
        changed: dict[str, object] = {
            name: [before[name], after[name]] for name in after if before[name] != after[name]
        }
        if not changed:
            return
        AssessmentBody.objects.filter(id=body.id).update(**asdict(details))
        _record(by, "body.changed", present, changed)


def _require_keeper(by: Actor) -> None:
    if not holds(by.person, Capacity.SYSTEM_ADMINISTRATOR):
        raise Refusal("person_not_entitled", Capacity.SYSTEM_ADMINISTRATOR)


def _require_new_name(name: str, own_id: int | None) -> None:
    holder = AssessmentBody.objects.filter(name=name).first()
    if holder is not None and holder.id != own_id:
        raise Refusal("body_is_recorded_already", name)


def _told(details: BodyDetails) -> dict[str, object]:
    """As the audit keeps it: days in words of numbers."""
    return {name: value.isoformat() if isinstance(value, date) else value for name, value in asdict(details).items()}


def _record(by: Actor, action: str, body: AssessmentBody, detail: dict[str, object]) -> None:
    record(
        by=by, action=action, subject_kind="body", subject_id=str(body.id), detail={"office": body.office_id, **detail}
    )
