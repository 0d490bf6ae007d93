"""What is done and refused on the staff site and by its commands, one after the other, with the entry each has to leave.

The table is docs/audited.md; python -m pytest tests/attacks --print-permissions writes it anew.
"""

from collections.abc import Callable, Iterator
from dataclasses import replace
from datetime import date, timedelta
from functools import partial

from django.test import Client
from django.utils import timezone

from certificates.models import Certificate, Office
from certificates.models.offices import CoverageState
from tests.attacks.deed import Deed
from tests.attacks.mediadeeds import media_deeds
from tests.databases import PROJECT, acting_as
from tests.make import (
    Cast,
    make_actor,
    make_attempt,
    make_extension,
    make_period,
    make_person,
    make_release,
    make_rows,
    make_workbook,
)
from tests.people.make import LOGIN, PASSWORD, code_of, open_account
from tests.staff.make import confirmation, sign_in
from uploads.actor import Actor
from uploads.intake.bodies import BodyDetails, add_body, change_body
from uploads.intake.campaigns import close_campaign, extend_campaign, open_campaign, set_coverage
from uploads.intake.holidays import Notice as HolidayNotice
from uploads.intake.holidays import change_holidays, consequence_of
from uploads.intake.offices import OfficeDetails, change_office
from uploads.intake.prechecks import request_precheck
from uploads.intake.profiles import define
from uploads.intake.savedprofiles import retire_profile, save_profile
from uploads.models import (
    BatchKind,
    Campaign,
    Capacity,
    HazardGrade,
    HazardState,
    HazardStepKind,
    IncidentKind,
    PersonState,
    Release,
    ReviewOrder,
)
from uploads.oversight.incidents import acknowledge_incident, close_incident, open_incident, revise_incident
from uploads.oversight.notices import NoticeDetails, add_notice, change_notice
from uploads.oversight.roots import store_root
from uploads.oversight.settingsnoted import note_settings
from uploads.oversight.upkeep import record_inspection, report_hazard, take_hazard_step
from uploads.people.accounts import (
    change_person,
    create_person,
    freeze_account,
    log_out_everywhere,
    unfreeze_account,
    withdraw_credentials,
)
from uploads.people.capacities import delegate_capacity, end_grant, grant_capacity
from uploads.people.invitations import accept_invitation, invite
from uploads.people.lockout import lift_lockouts
from uploads.people.passwordchange import change_password, order_password_change
from uploads.people.recovery import renew_recovery_codes
from uploads.release.assemble import assemble_release, collectable, order_publication
from uploads.release.publish import publish_release
from uploads.release.reviews import confirm_review, lift_review, order_review
from uploads.signoff.sign import (
    digest_of_batch,
    digest_of_release,
    return_batch,
    return_release,
    sign_batch,
    sign_release,
    withdraw_signature,
)

PAGE = PROJECT / "docs" / "audited.md"
HERE = "127.0.0.1"
NEW = "sechs-gelbe-regenschirme"


class Deeds:
    """The deeds in an order in which each is possible; what one makes, the next takes."""

    def __init__(self) -> None:
        self.cast = Cast()
        self.system = make_actor(Capacity.SYSTEM_ADMINISTRATOR)
        self.security = make_actor(Capacity.SECURITY_ADMINISTRATOR)
        self.auditor = make_actor(Capacity.AUDIT_ADMINISTRATOR)
        self.client = Client()
        make_extension(by=self.cast.department_head)

    def __iter__(self) -> Iterator[Deed]:
        yield from self.logins()
        yield from self.pages()
        yield from self.accounts()
        yield from self.batches()
        yield from self.releases()
        yield from self.certificates()
        yield from self.oversight()
        yield from self.reference_data()
        yield from self.campaigns()
        yield from media_deeds(self.cast)
        yield from self.upkeep()

    def post(self, **fields: str) -> Callable[[], object]:
        return lambda: self.client.post(LOGIN, fields)

    def logins(self) -> Iterator[Deed]:
        actor = make_actor(Capacity.KEEPER, person=make_person(state=PersonState.ACTIVE))
        open_account(actor.person)
        number = actor.person.staff_number
        wrong = self.post(staff_number=number, password="no-such-password-1")
        yield Deed("登录，密码不正确", None, wrong, "login", "person", refused=True)
        yield Deed("登录，密码正确", None, self.post(staff_number=number, password=PASSWORD),
                   "login.password_accepted", "person")  # fmt: skip
        yield Deed("登录，动态码不正确", None, self.post(otp="000000"), "login", "person", refused=True)
        actor.person.totpdevice_set.update(throttling_failure_count=0, throttling_failure_timestamp=None)
        yield Deed("登录", Actor(actor.person, "", HERE), self.post(otp=code_of(actor.person)), "login", "")
        yield Deed("退出", actor, lambda: self.client.post("/staff/logout/"), "logout", "")

    def pages(self) -> Iterator[Deed]:
        operator = self.cast.operator
        client, strict = sign_in(operator), Client(enforce_csrf_checks=True)
        strict.cookies = client.cookies
        nobodys = Actor(operator.person, "", HERE)
        yield Deed(
            "打开不归自己的页面", nobodys, lambda: client.get("/staff/audit/"), "page.opened", "page", refused=True
        )
        yield Deed("打开没有的、外单位的批次", nobodys, lambda: client.get("/staff/batches/999999/"), "page.opened", "page",
                   refused=True)  # fmt: skip
        yield Deed("送来别处的表单", nobodys, lambda: strict.post("/staff/account/leave-everywhere/"), "page.opened", "page",
                   refused=True)  # fmt: skip
        head = self.cast.department_head
        heads = sign_in(head)
        wrong = confirmation(head, reason="x", otp="000000", period=make_period().code, office="",
                             opens_at="2026-01-01T09:00", closes_at="2026-01-01T10:00")  # fmt: skip
        yield Deed("确认时动态码不正确", head, lambda: heads.post("/staff/calendar/extensions/new/", wrong),
                   "confirmation.refused", "form", refused=True)  # fmt: skip

    def accounts(self) -> Iterator[Deed]:
        made: list[object] = []
        system, security = self.system, self.security
        yield Deed("登记人员", system, lambda: made.append(
            create_person(staff_number="770001", name="赵新", by=system)), "person.created", "person")  # fmt: skip
        person = made[0]
        yield Deed("更改人员资料", system, lambda: change_person(
            person=person, name="赵新", office=Office.objects.get(code="3702"), phone="1", by=system),
            "person.changed", "person")  # fmt: skip
        yield Deed("邀请", system, lambda: made.append(invite(person=person, by=system)), "person.invited", "person")
        person.refresh_from_db()
        yield Deed("开通账号", Actor(person, "", HERE), lambda: accept_invitation(
            token=made[1].token, password=PASSWORD, code=code_of(person), address=HERE),
            "account.opened", "person")  # fmt: skip
        person.refresh_from_db()
        own = Actor(person, "", HERE)
        yield Deed("授予身份", security, lambda: grant_capacity(
            person=person, capacity=Capacity.CITY_DIRECTOR, office=Office.objects.get(code="3702"), by=security),
            "capacity.granted", "person")  # fmt: skip
        yield Deed("更换密码", own, lambda: change_password(person=person, present=PASSWORD, new=NEW, by=own),
                   "password.changed", "person")  # fmt: skip
        yield Deed("更换密码，旧密码不对", own, lambda: change_password(
            person=person, present=PASSWORD, new=NEW, by=own), "password.changed", "person", refused=True)  # fmt: skip
        yield Deed(
            "更换恢复码", own, lambda: renew_recovery_codes(person=person, by=own), "recovery_codes.renewed", "person"
        )
        yield Deed("要求更换密码", security, lambda: order_password_change(person=person, reason="x", by=security),
                   "password.change_ordered", "person")  # fmt: skip
        yield Deed(
            "退出所有登录", security, lambda: log_out_everywhere(person=person, by=security), "sessions.ended", "person"
        )
        yield Deed("解除登录锁定", security, lambda: lift_lockouts(person=person, reason="x", by=security),
                   "lockouts.lifted", "person")  # fmt: skip
        yield Deed("冻结，无权", system, lambda: freeze_account(person=person, reason="x", by=system),
                   "account.frozen", "person", refused=True)  # fmt: skip
        yield Deed(
            "冻结账号",
            security,
            lambda: freeze_account(person=person, reason="x", by=security),
            "account.frozen",
            "person",
        )
        yield Deed("解冻账号", security, lambda: unfreeze_account(person=person, reason="x", by=security),
                   "account.unfrozen", "person")  # fmt: skip
        yield Deed("收回账号", security, lambda: withdraw_credentials(person=person, reason="x", by=security),
                   "account.withdrawn", "person")  # fmt: skip
        yield Deed("终止身份", security, lambda: end_grant(grant=person.grants.get(), reason="x", by=security),
                   "capacity.ended", "person")  # fmt: skip
        holder, to = self.cast.director, make_person(office="3702")
        yield Deed("委托代理", holder, lambda: delegate_capacity(
            holder=holder.person, capacity=Capacity.CITY_DIRECTOR, office=Office.objects.get(code="3702"), to=to,
            valid_to=timezone.now() + timedelta(days=3), by=holder), "capacity.delegated", "person")  # fmt: skip

    def batches(self) -> Iterator[Deed]:
        operator, director, made = self.cast.operator, self.cast.director, []
        yield Deed("预检文件", operator, lambda: request_precheck(
            by=operator, office=Office.objects.get(code="3702"), period=make_period(), kind=BatchKind.REGULAR,
            content=[make_workbook(make_rows(1))], name="预检.xlsx"), "precheck.run", "office")  # fmt: skip
        yield Deed("上传文件", operator, lambda: made.append(make_attempt(by=operator, office="3702")),
                   "file.received", "batch")  # fmt: skip
        batch = made[0].batch
        client = sign_in(operator)
        page = f"/staff/batches/{batch.id}/"
        yield Deed("查看记录", operator, lambda: client.get(f"{page}rows/"), "rows.viewed", "batch")
        asked = {"text": str(make_rows(1)[0]["证件号码"])}
        yield Deed("按证件号码查找记录", operator, lambda: client.post(f"{page}rows/", asked),
                   "rows.searched_by_id_number", "batch")  # fmt: skip
        yield Deed("下载文件", operator, lambda: b"".join(client.get(f"{page}files/1/")), "file.handed_out", "batch")
        yield Deed("签字，内容不符", operator, lambda: sign_batch(by=operator, batch=batch, digest=b"x"), "batch.sign", "batch",
                   refused=True)  # fmt: skip
        yield Deed("签字", operator, lambda: sign_batch(by=operator, batch=batch, digest=digest_of_batch(batch)),
                   "batch.signed", "batch")  # fmt: skip
        yield Deed("撤回签字", operator, lambda: withdraw_signature(by=operator, subject=batch, reason="x"),
                   "batch.signature_withdrawn", "batch")  # fmt: skip
        yield Deed(
            "退回批次", director, lambda: return_batch(by=director, batch=batch, reason="x"), "batch.returned", "batch"
        )

    def releases(self) -> Iterator[Deed]:
        cast, made = Cast("3703"), []
        returned = make_release(cast, rows=make_rows(1, first=60))
        head, administrator, deputy = cast.department_head, cast.network_administrator, cast.deputy_director
        yield Deed("退回汇总批次", head, lambda: return_release(by=head, release=returned, reason="x"),
                   "release.returned", "release")  # fmt: skip
        yield Deed("汇总批次", administrator, lambda: made.append(assemble_release(
            by=administrator, period=returned.period, batches=collectable(returned.period))),
            "release.assembled", "release")  # fmt: skip
        release = made[0]
        for signer in cast.release_signers:
            yield Deed("汇总批次签字", signer, lambda by=signer: sign_release(
                by=by, release=release, digest=digest_of_release(release)), "release.signed", "release")  # fmt: skip
        yield Deed("撤回汇总批次签字", deputy, lambda: withdraw_signature(by=deputy, subject=release, reason="x"),
                   "release.signature_withdrawn", "release")  # fmt: skip
        release.refresh_from_db()
        for signer in cast.release_signers:
            sign_release(by=signer, release=release, digest=digest_of_release(release))
        yield Deed("提前上网指示", deputy, lambda: order_publication(by=deputy, period=release.period, reason="x"),
                   "publication.ordered", "period")  # fmt: skip
        yield Deed("上传上网", administrator, lambda: sign_release(
            by=administrator, release=release, digest=digest_of_release(release)),
            "release.publication_ordered", "release")  # fmt: skip
        yield Deed("公布上网", Actor(administrator.person, administrator.capacity, ""), lambda: publish_release(release.id),
                   "release.published", "release")  # fmt: skip
        yield Deed(
            "写入校验根", None, lambda: store_root(_published(release)), "publication.root_stored", "publication"
        )

    def certificates(self) -> Iterator[Deed]:
        leader, number = self.cast.deputy_director, Certificate.objects.earliest("certificate_number").pk
        page = "/staff/certificates/"
        yield Deed("查看证书版本", leader, lambda: sign_in(leader).post(page, {"text": number}),
                   "certificate.viewed", "certificate")  # fmt: skip
        yield Deed("核查证书", leader, lambda: order_review(by=leader, certificate_number=number, reason="x", document=""),
                   "certificate.review_ordered", "certificate")  # fmt: skip
        order = ReviewOrder.objects.get()
        yield Deed(
            "查看核查名单", leader, lambda: sign_in(leader).get("/staff/reviews/"), "reviews.viewed", "certificate"
        )
        yield Deed("核查属实", leader, lambda: confirm_review(by=leader, order=order, reason="x"),
                   "certificate.review_confirmed", "certificate")  # fmt: skip
        yield Deed("解除核查", leader, lambda: lift_review(by=leader, order=order, reason="x"),
                   "certificate.review_lifted", "certificate")  # fmt: skip

    def oversight(self) -> Iterator[Deed]:
        security, deputy, auditor, made = self.security, self.cast.deputy_director, self.auditor, []
        yield Deed("立事件", security, lambda: made.append(open_incident(
            by=security, kind=IncidentKind.DATA, account=None, since=timezone.now(), description="x",
            suspected_crime=False)), "incident.opened", "incident")  # fmt: skip
        incident = made[0]
        yield Deed("查看事件", deputy, lambda: sign_in(deputy).get(f"/staff/incidents/{incident.pk}/"),
                   "incident.viewed", "incident")  # fmt: skip
        yield Deed("阅知事件", deputy, lambda: acknowledge_incident(by=deputy, incident=incident),
                   "incident.acknowledged", "incident")  # fmt: skip
        yield Deed("更改事件", security, lambda: revise_incident(
            by=security, incident=incident, since=timezone.now(), suspected_crime=True), "incident.revised", "incident")  # fmt: skip
        yield Deed("下载证据包", auditor, lambda: b"".join(sign_in(auditor).post(
            f"/staff/incidents/{incident.pk}/evidence/")), "incident.evidence_handed_out", "incident")  # fmt: skip
        yield Deed("办结事件", security, lambda: close_incident(by=security, incident=incident, report="x"),
                   "incident.closed", "incident")  # fmt: skip
        yield Deed("查看审计记录", auditor, lambda: sign_in(auditor).get("/staff/audit/"), "audit.viewed", "audit")
        yield Deed("导出审计记录", auditor, lambda: b"".join(sign_in(auditor).get("/staff/audit/export.csv")),
                   "audit.exported", "audit")  # fmt: skip
        yield Deed("系统设置变更", None, _note, "settings.changed", "installation")

    def reference_data(self) -> Iterator[Deed]:
        system, operator, office = self.system, self.cast.release_signers[0], Office.objects.get(code="3702")
        bodies, notices, profiles = [], [], []
        details = BodyDetails("新鉴定站", "", False, "", "", None, None, None)  # noqa: FBT003 - as recorded
        yield Deed("登记鉴定机构", system, lambda: bodies.append(add_body(by=system, office=office, details=details)),
                   "body.added", "body")  # fmt: skip
        yield Deed("更改鉴定机构", system, lambda: change_body(
            by=system, body=bodies[0], details=replace(details, phone="1")), "body.changed", "body")  # fmt: skip
        yield Deed("更改单位资料", system, lambda: change_office(
            by=system, office=office, details=replace(OfficeDetails.of(office), contact_phone="1")),
            "office.changed", "office")  # fmt: skip
        notice = NoticeDetails("维护", "今晚维护。", "", "", timezone.localdate(), None, on_home=True)
        yield Deed("发布通知", system, lambda: notices.append(add_notice(by=system, details=notice)),
                   "notice.added", "notice")  # fmt: skip
        yield Deed("更改通知", system, lambda: change_notice(
            by=system, notice=notices[0], details=replace(notice, on_home=False)), "notice.changed", "notice")  # fmt: skip
        days = HolidayNotice("国办发明电〔2098〕1号", (date(2099, 1, 1),), (), (), None)
        seen = consequence_of(days, timezone.localdate()).seen
        yield Deed("录入放假通知", system, lambda: change_holidays(by=system, notice=days, seen=seen),
                   "holidays.changed", "calendar")  # fmt: skip
        definition = define({"values": {"sex": {"M": "男", "F": "女"}}})
        yield Deed("保存导入方案", operator, lambda: profiles.append(save_profile(
            by=operator, name="letters", title="字母性别", definition=definition, seen_version=0)),
            "profile.saved", "profile")  # fmt: skip
        yield Deed("停用导入方案", operator, lambda: retire_profile(by=operator, profile=profiles[0]),
                   "profile.retired", "profile")  # fmt: skip

    def campaigns(self) -> Iterator[Deed]:
        head, deadline = self.cast.department_head, timezone.localdate() + timedelta(days=30)
        yield Deed("批准延期上报", head, lambda: make_extension(by=head, office="3702"),
                   "extension.recorded", "period")  # fmt: skip
        yield Deed("下达补录任务", head, lambda: open_campaign(
            by=head, name="补录", first_year=2004, last_year=2008, deadline=deadline, offices=["3702"]),
            "campaign.opened", "campaign")  # fmt: skip
        campaign = Campaign.objects.get()
        yield Deed("延长补录任务", head, lambda: extend_campaign(
            by=head, campaign=campaign, deadline=deadline + timedelta(days=1), reason="x"),
            "campaign.extended", "campaign")  # fmt: skip
        yield Deed("结束补录任务", head, lambda: close_campaign(by=head, campaign=campaign, reason="x"),
                   "campaign.closed", "campaign")  # fmt: skip
        yield Deed("更改收录情况", self.system, lambda: set_coverage(
            by=self.system, office=Office.objects.get(code="3702"), state=CoverageState.COLLECTING, complete_from=None),
            "coverage.set", "office")  # fmt: skip

    def upkeep(self) -> Iterator[Deed]:
        system, leader, hazards = self.system, self.cast.deputy_director, []
        yield Deed("登记巡检", system, lambda: record_inspection(
            by=system, inspected_at=timezone.now(), all_well=True, seen="机房", virus_data_on=None, checks=()),
            "inspection.recorded", "inspection")  # fmt: skip
        yield Deed("上报隐患", system, lambda: hazards.append(report_hazard(
            by=system, grade=HazardGrade.GENERAL, description="x", measure="x")), "hazard.reported", "hazard")  # fmt: skip
        steps = (
            ("批示隐患", leader, HazardState.REPORTED, HazardStepKind.INSTRUCTION),
            ("处理隐患", self.cast.network_administrator, HazardState.INSTRUCTED, HazardStepKind.ACTION),
            ("隐患销号", leader, HazardState.ACTED, HazardStepKind.CLOSING),
        )
        for words, by, state, step in steps:
            yield Deed(words, by, partial(take_hazard_step, by=by, hazard=hazards[0], seen=state, step=step, text="x"),
                       "hazard.step_taken", "hazard")  # fmt: skip


def _note() -> None:
    with acting_as("owner"):
        note_settings(applied=0)


def _published(release: Release) -> int:
    release.refresh_from_db()
    assert release.publication_id is not None, release.publication_problem
    return release.publication_id
