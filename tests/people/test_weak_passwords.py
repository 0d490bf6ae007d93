"""Which passwords an account doesn't take."""

import pytest

from uploads.models import Person
from uploads.people.passwords import password_problems

PERSON = Person(staff_number="370901", name="王丽华", phone="0531-12345678")


@pytest.mark.parametrize(
    ("password", "because"),
    [
        ("kurz-aber-x", "至少 12 个字符"),
        ("x" * 129, "最多 128"),
        ("aaaaaaaaaaaaaaaa", "太有规律"),
        ("abcabcabcabcabc", "太有规律"),
        ("123456789012345", "太有规律"),
        ("abcdefghijklmnop", "太有规律"),
        ("qwertyuiop1234", "太有规律"),
        ("sunshine2024!!!", "太常见"),
        ("Jennifer123456", "太常见"),
        ("laterne-370901-x", "工号、姓名或电话"),
        ("王丽华的密钥串abc12", "工号、姓名或电话"),
        ("Shandong2026!!", "与本系统有关"),
        ("certlookup-123", "与本系统有关"),
        ("P4ssw0rd!2026", "与本系统有关"),
        ("山东证书查询2026年11月", "与本系统有关"),
    ],
)
def test_it_is_refused_with_the_reason(password: str, because: str) -> None:
    assert because in " ".join(password_problems(password, PERSON))


@pytest.mark.parametrize(
    "password",
    [
        "vier-nasse-laternen-7",
        "雨伞 灯笼 四只 湿透 的 猫 在河边",
        "Q9v!t7Lm#2xPzR",
        "correct horse battery staple",
        "Jinan has seventy-two springs",
    ],
)
def test_it_is_taken(password: str) -> None:
    assert password_problems(password, PERSON) == []
