"""Whoever has both numbers sees every published field, the state, and which publication it comes from."""

import pytest
from django.test import Client

from certificates.masking import mask_id
from certificates.models import Publication
from tests.certificates_pages.reading import look_up, publish, read
from tests.make import make_row

pytestmark = pytest.mark.django_db


def test_every_field_is_shown_as_the_file_has_it(client: Client) -> None:
    row = make_row(seed=7)
    [pair] = publish(row)
    answer = read(look_up(client, pair.id_number, pair.certificate_number))
    assert answer.outcome == "found"
    assert answer.days == {
        "birth_date": row["出生日期"],
        "processed_date": row["办理日期"],
        "issue_date": row["发证日期"],
    }
    shown = {name: value for name, value in answer.fields.items() if name not in answer.days}
    assert shown == {
        "holder_name": row["姓名"],
        "sex": row["性别"],
        "id_type": row["证件类型"],
        "id_number": mask_id(pair.id_number),
        "certificate_number": row["证书编号"],
        "occupation": row["职业(工种)"],
        "occupation_code": row["职业编码"],
        "level": row["等级"],
        "theory_score": row["理论知识考试成绩"],
        "skill_score": row["操作技能考核成绩"],
        "result": row["评定成绩"],
        "issuing_authority": row["发证机关"],
        "assessment_office": row["鉴定机构"],
    }


def test_what_was_not_given_is_not_shown(client: Client) -> None:
    [pair] = publish(make_row(出生日期="", 职业编码="", 理论知识考试成绩="", 操作技能考核成绩="免考", 评定成绩=""))
    fields = read(look_up(client, pair.id_number, pair.certificate_number)).fields
    assert {"birth_date", "occupation_code", "theory_score", "overall_score", "result"}.isdisjoint(fields)
    assert fields["skill_score"] == "免考"


@pytest.mark.parametrize("name", ["古丽米热·艾比布力", "张𠮷", "𬭎㛃", "﨑山", "John Smith", "O'Neill"])
def test_names_of_every_script_come_through_unchanged(client: Client, name: str) -> None:
    [pair] = publish(make_row(姓名=name))
    assert read(look_up(client, pair.id_number, pair.certificate_number)).fields["holder_name"] == name


@pytest.mark.parametrize("level", [1, 2, 3, 4, 5])
def test_the_panel_wears_its_level_and_says_it(client: Client, level: int) -> None:
    row = make_row(level=level)
    [pair] = publish(row)
    response = look_up(client, pair.id_number, pair.certificate_number)
    assert f'class="certificate level-{level}"' in response.content.decode()
    assert read(response).fields["level"] == row["等级"]


def test_the_verdict_comes_first_and_names_its_publication(client: Client) -> None:
    [pair] = publish()
    publication = Publication.objects.get()
    answer = read(look_up(client, pair.id_number, pair.certificate_number))
    day = f"{publication.published_on:%Y} 年 {publication.published_on.month} 月 {publication.published_on.day} 日"
    assert answer.text.index("有效") < answer.text.index("姓名" if "姓名" in answer.text else "性别")
    assert f"以 {day}上网的数据为准" in answer.text
    assert publication.number in answer.text
    assert f"首次上网：{day}" in answer.text
    assert "打印件仅供参考，以网上查询结果为准。" in answer.text


@pytest.mark.parametrize(
    ("id_type", "number", "typed"),
    [
        ("护照", "E12345678", " e1234 5678 "),
        ("港澳居民来往内地通行证", "H12345678", "h12345678"),
        ("台湾居民来往大陆通行证", "12345678", "1234-5678"),
        ("外国人永久居留身份证", "KAZ110090123105", "kaz110090123105"),
        ("军官证", "军字第2001988号", "军字 2001988"),
    ],
)
def test_other_documents_find_theirs(client: Client, id_type: str, number: str, typed: str) -> None:
    [pair] = publish(make_row(证件类型=id_type, 证件号码=number, 出生日期="1985-03-04"))
    answer = read(look_up(client, typed, pair.certificate_number))
    assert answer.outcome == "found"
    assert answer.fields["id_type"] == id_type


def test_the_newest_publication_and_its_count_stand_on_the_home_page(client: Client) -> None:
    before = read(client.get("/"))
    assert "本网还没有公布过证书数据" in before.text
    publish(make_row(seed=1), make_row(seed=2))
    assert "现可查询 2 条" in read(client.get("/")).text
