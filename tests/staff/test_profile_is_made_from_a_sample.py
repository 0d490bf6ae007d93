"""导入方案 on its pages: a sample, its columns, its values, a preview, saved under a name; retired; chosen at the upload."""

import re
from pathlib import Path

import pytest
from django.conf import settings
from django.core.files.uploadedfile import SimpleUploadedFile
from django.http import HttpResponse
from django.test import Client
from django.utils import timezone

from certificates.models import Office
from tests.make import Cast, make_actor, make_period, make_row, make_workbook
from tests.staff.make import sign_in, text_of
from tests.staff.oddsample import fields_on, make_odd_sample
from uploads.intake import staging
from uploads.intake.profiles import define
from uploads.intake.receive import receive_file
from uploads.intake.savedprofiles import profile_called
from uploads.intake.trials import trials_of
from uploads.intake.unsent import forget_expired
from uploads.models import Attempt, AuditEntry, ImportProfile, Origin, ProfileTrial, StagedRow

pytestmark = pytest.mark.django_db
MAPPED = {
    "header_row": "3",
    "column_1": "certificate_number", "column_2": "id_number", "column_3": "holder_name", "column_4": "sex",
    "column_5": "birth_date", "column_6": "occupation", "column_7": "level", "column_8": "issue_date",
    "column_9": "theory_score", "column_10": "skill_score",
    "fixed_id_type": "{按证件号码}", "fixed_issuing_authority": "{发证机关}", "fixed_assessment_office": "{上报单位}",
    "dates": ["DD/MM/YYYY"],
}  # fmt: skip


@pytest.fixture(autouse=True)
def _own_folders(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(settings, "UNSENT_DIR", tmp_path / "unsent")


@pytest.fixture
def cast() -> Cast:
    return Cast()


@pytest.fixture
def operator(cast: Cast) -> Client:
    return sign_in(cast.provincial_operator)


def start(client: Client, content: bytes, *, base: str = "required", name: str = "样表.xlsx") -> str:
    """Upload a sample; returns the address of its trial."""
    answer = client.post("/staff/profiles/new/", {"file": SimpleUploadedFile(name, content), "base": base})
    assert answer.status_code == 302, text_of(answer)
    return str(answer["Location"])


def send(client: Client, address: str, *, act: str = "try", **changes: object) -> HttpResponse:
    """Send the trial's form as it stands, but for the changes."""
    return client.post(address, fields_on(client.get(address).content.decode()) | changes | {"act": act})


def map_sample(client: Client, address: str) -> None:
    """Header row, columns, then the values that the sample writes."""
    assert send(client, address, header_row="3").status_code == 302
    assert send(client, address, **MAPPED).status_code == 302
    assert send(client, address, value_sex_0_target="男", value_level_0_target="三级").status_code == 302


def test_an_odd_sample_is_mapped_step_by_step_and_saved(operator: Client) -> None:
    address = start(operator, make_odd_sample())
    first = text_of(operator.get(address))
    assert "没有找到表头" in first
    assert "某市技能鉴定数据0" in first
    map_sample(operator, address)
    page = text_of(operator.get(address))
    assert "试读 3 行：合格 3 行" in page
    answer = send(operator, address, act="save", title="某市导出", name="odd-city")
    assert answer["Location"] == "/staff/profiles/odd-city/1/"
    saved = profile_called("odd-city")
    assert saved is not None
    definition = define(saved.definition)
    assert definition.tables == {"sex": {"M": "男"}, "level": {"J3": "三级"}}
    assert definition.headers["certificate_number"].names == ("编号",)
    assert (definition.header_row, definition.dates) == (3, ("DD/MM/YYYY",))
    shown = text_of(operator.get(answer["Location"]))
    assert "M → 男" in shown
    assert "DD/MM/YYYY" in shown


def test_a_file_in_that_layout_then_becomes_good_rows(operator: Client) -> None:
    address = start(operator, make_odd_sample())
    map_sample(operator, address)
    send(operator, address, act="save", title="某市导出", name="odd-city")
    attempt = receive_file(
        by=make_actor("city_operator", "3702"), office=Office.objects.get(code="3702"), period=make_period(),
        content=[make_odd_sample(rows=5)], name="a.xlsx", origin=Origin.EXAM_SYSTEM, profile=profile_called("odd-city"),
    )  # fmt: skip
    staging.check_attempt(attempt.id)
    attempt.refresh_from_db()
    assert (attempt.read_count, attempt.accepted_count) == (5, 5)
    row = StagedRow.objects.filter(attempt=attempt).first()
    assert row is not None
    assert (row.sex, row.level, row.issuing_authority) == ("男", 3, "青岛市人力资源和社会保障局")
    assert row.issue_date == make_period().first_day


def test_the_preview_shows_raw_and_read_side_by_side_and_no_whole_id_number(operator: Client) -> None:
    address = start(operator, make_odd_sample())
    number = str(make_row(seed=1)["证件号码"])
    assert number not in operator.get(address).content.decode()
    map_sample(operator, address)
    page = operator.get(address).content.decode()
    assert number not in page
    assert number[:3] + "*" * 15 in page
    text = text_of(operator.get(address))
    assert "J3" in text
    assert "三级 / 高级工" in text
    assert f"{make_period().first_day:%d/%m/%Y}" in text


def test_a_value_that_is_in_no_table_is_shown_as_refused(operator: Client) -> None:
    address = start(operator, make_odd_sample())
    send(operator, address, header_row="3")
    send(operator, address, **MAPPED)
    send(operator, address, value_sex_0_target="refuse", value_sex_0_reason="含义不明", value_level_0_target="三级")
    text = text_of(operator.get(address))
    assert "合格 0 行" in text
    assert "“M/F”的“M”不能上报：含义不明" in text


def test_missing_unmatched_and_double_columns_are_named(operator: Client) -> None:
    address = start(operator, make_odd_sample())
    send(operator, address, header_row="3")
    text = text_of(operator.get(address))
    assert "样表没有对应：" in text
    assert "证件号码" in text
    assert "不读入的列：" in text
    page = send(operator, address, column_3="holder_name", column_6="holder_name")
    assert "都对应“姓名”，请只保留一列" in text_of(page)


def test_a_column_that_the_layout_would_read_can_be_left_out(operator: Client) -> None:
    rows = [make_row(seed=1) | {"编号": "7"}]
    address = start(operator, make_workbook(rows, list(rows[0])))
    assert "“证书编号”列重复" in text_of(operator.get(address))
    place = list(rows[0]).index("编号")
    assert send(operator, address, **{f"column_{place}": ""}).status_code == 302
    assert "试读 1 行：合格 1 行" in text_of(operator.get(address))


def test_a_changed_profile_becomes_a_newer_version_and_the_old_one_stays(operator: Client) -> None:
    rows = [make_row(seed=1, 性别="先生")]
    address = start(operator, make_workbook(rows), base="exam-system")
    page = text_of(operator.get(address))
    assert "“性别”的“先生”不在导入方案" in page
    fields = fields_on(operator.get(address).content.decode())
    place = next(name for name, value in fields.items() if value == "先生" and name.startswith("value_sex"))
    assert send(operator, address, **{place.replace("_text", "_target"): "男"}).status_code == 302
    answer = send(operator, address, act="save")
    assert answer["Location"] == "/staff/profiles/exam-system/2/"
    first, second = ImportProfile.objects.filter(name="exam-system").order_by("version")
    assert "先生" not in first.definition["values"]["sex"]
    assert second.definition["values"]["sex"]["先生"] == "男"
    assert "颁证日期" in second.definition["headers"]["issue_date"]["names"]
    assert "已有新版" in text_of(operator.get("/staff/profiles/exam-system/1/"))


@pytest.mark.parametrize(
    ("changes", "said"),
    [
        ({"name": "坏代号"}, "方案代号只用小写字母"),
        ({"name": "required"}, "上报格式是规定的格式"),
        ({"name": "exam-system"}, "这个代号已经用过"),
        ({"title": ""}, "请填写方案名称。"),
        ({"title": "考务系统导出"}, "已有另一个导入方案用这个名称"),
        ({"dates": ["DD/MM/YYYY", "MM/DD/YYYY"]}, "会把同一个日期读成两个"),
        ({"fixed_occupation": "=1"}, "开头"),
        ({"value_sex_0_text": "", "value_sex_0_target": "男"}, "请填写性别第 1 项的原值"),
        ({"value_sex_0_text": "X", "value_sex_0_target": "refuse", "value_sex_0_reason": ""}, "原因不能为空"),
        ({"header_row": "2"}, "请先试读"),
    ],
)
def test_what_cannot_be_saved_is_said_and_nothing_is_saved(
    operator: Client, changes: dict[str, object], said: str
) -> None:
    address = start(operator, make_workbook([make_row(seed=1)]))
    page = send(operator, address, act="save", **({"title": "新方案", "name": "new-one"} | changes))
    assert page.status_code == 200
    assert said in text_of(page)
    assert ImportProfile.objects.count() == 2


def test_a_profile_that_cannot_read_its_own_sample_is_not_saved(operator: Client) -> None:
    address = start(operator, make_odd_sample())
    send(operator, address, header_row="3")
    page = send(operator, address, act="save", title="新方案", name="new-one")
    assert "没有保存，样表按现在的设置还不能读成上报格式：缺少“姓名”列" in text_of(page)
    assert ImportProfile.objects.count() == 2


@pytest.mark.parametrize(
    ("content", "rule"),
    [
        (b"<html></html>", "R-002"), (b"PK\x03\x04broken", "R-00"), (b"\x00" * 500, "R-0"),
        (b"\xd0\xcf\x11\xe0" + b"\x00" * 600, "R-0"),
    ],
)  # fmt: skip
def test_a_hostile_sample_gets_a_sentence_and_can_be_deleted(operator: Client, content: bytes, rule: str) -> None:
    address = start(operator, content)
    page = operator.get(address)
    assert page.status_code == 200
    assert "样表无法读取" in text_of(page)
    assert rule in text_of(page)
    operator.post(address, {"act": "discard"})
    assert not ProfileTrial.objects.exists()
    assert list(settings.UNSENT_DIR.iterdir()) == []


def test_of_two_sheets_with_a_header_one_can_be_chosen(operator: Client) -> None:
    address = start(operator, make_odd_sample(sheets=2))
    map_sample(operator, address)
    assert "R-011" in text_of(operator.get(address))
    send(operator, address, sheet="表2")
    assert "试读 3 行：合格 3 行" in text_of(operator.get(address))


def test_an_empty_and_a_too_large_sample_are_refused_at_the_form(
    operator: Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    for content, said in ((b"", "文件是空的"), (b"x" * 2000, "超过")):
        monkeypatch.setattr("uploads.pages.forms.profiles.LARGEST_SAMPLE", 1000)
        page = operator.post(
            "/staff/profiles/new/", {"file": SimpleUploadedFile("a.xlsx", content), "base": "required"}
        )
        assert said in text_of(page)
    assert not ProfileTrial.objects.exists()


def test_the_sample_goes_when_the_profile_is_saved_or_given_up_and_after_its_time(cast: Cast, operator: Client) -> None:
    saved, given_up, left = (start(operator, make_workbook([make_row(seed=1)])) for _ in range(3))
    assert len(list(settings.UNSENT_DIR.iterdir())) == 3
    send(operator, saved, act="save", title="新方案", name="new-one")
    operator.post(given_up, {"act": "discard"})
    assert len(list(settings.UNSENT_DIR.iterdir())) == 1
    assert operator.get(left).status_code == 200
    assert trials_of(cast.provincial_operator.person).count() == 1
    with_owner_time_over(left)
    assert operator.get(left).status_code == 404
    forget_expired()
    assert list(settings.UNSENT_DIR.iterdir()) == []
    assert not ProfileTrial.objects.exists()


def with_owner_time_over(address: str) -> None:
    """As if the trial's time were over."""
    trial = ProfileTrial.objects.get(id=int(address.rstrip("/").rsplit("/", 1)[1]))
    trial.delete()
    ProfileTrial.objects.create(
        id=trial.id, stored_name=trial.stored_name, original_name=trial.original_name, base=trial.base,
        created_by=trial.created_by, created_at=trial.created_at, expires_at=timezone.now(),
    )  # fmt: skip


def test_a_trial_is_nobody_elses(operator: Client) -> None:
    address = start(operator, make_workbook([make_row(seed=1)]))
    other = sign_in(make_actor("provincial_operator"))
    assert other.get(address).status_code == 404


def test_cities_read_profiles_and_make_none(cast: Cast) -> None:
    city = sign_in(cast.operator)
    assert "考务系统导出" in text_of(city.get("/staff/profiles/"))
    assert "用样表新建方案" not in text_of(city.get("/staff/profiles/"))
    assert city.get("/staff/profiles/exam-system/1/").status_code == 200
    for address in ("/staff/profiles/new/", "/staff/profiles/exam-system/1/retire/"):
        assert city.get(address).status_code == 403
        assert city.post(address).status_code == 403


def test_a_profile_is_retired_after_asking_and_offered_no_more(cast: Cast, operator: Client) -> None:
    assert "不能再选这个方案" in text_of(operator.get("/staff/profiles/exam-system/1/retire/"))
    answer = operator.post("/staff/profiles/exam-system/1/retire/", follow=True)
    assert "已停用" in text_of(answer)
    assert "考务系统导出（第" not in text_of(sign_in(cast.operator).get("/staff/batches/upload/"))
    assert AuditEntry.objects.filter(action="profile.retired").exists()
    page = operator.post("/staff/profiles/exam-system/1/retire/")
    assert "刚刚被别人保存或停用" in text_of(page)


def upload(client: Client, **changes: object) -> HttpResponse:
    form = {
        "office": "3702", "period": make_period().code, "profile": "exam-system", "origin": "exam_system",
        "file": SimpleUploadedFile("a.xlsx", make_workbook([make_row(seed=1, 性别="1")])), "hand_made_reason": "",
    }  # fmt: skip
    return client.post("/staff/batches/upload/", form | changes)


def test_the_profile_is_chosen_at_the_upload_and_every_signer_sees_it(cast: Cast) -> None:
    city = sign_in(cast.operator)
    assert '<option value="required" selected>' in city.get("/staff/batches/upload/").content.decode()
    answer = upload(city)
    attempt = Attempt.objects.select_related("profile").get()
    assert attempt.profile is not None
    assert (attempt.profile.name, attempt.profile.version) == ("exam-system", 1)
    staging.check_attempt(attempt.id)
    for reader in (cast.operator, cast.director, cast.provincial_operator, cast.deputy_director):
        assert "考务系统导出 ，第 1 版" in text_of(sign_in(reader).get(answer["Location"]))


def test_a_link_with_the_exam_systems_profile_suggests_its_origin(cast: Cast) -> None:
    page = sign_in(cast.operator).get("/staff/batches/upload/?profile=exam-system").content.decode()
    assert '<option value="exam-system" selected>' in page
    assert re.search(r'value="exam_system"[^>]* checked', page)


def test_a_profile_that_is_not_there_is_refused_at_the_form(cast: Cast) -> None:
    page = upload(sign_in(cast.operator), profile="none-such")
    assert "没有这个导入方案" in text_of(page)
    assert not Attempt.objects.exists()
