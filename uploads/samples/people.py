"""People who don't exist, for sample files: no name or number of anybody.

ID numbers have right check characters but address codes 379901 to 379940, which were never assigned. Seeded: the same
random generator gives the same people.
"""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass
from random import Random

from certificates.idnumber import IdType, check_character

_SURNAMES = (
    "王李张刘陈杨黄赵吴周徐孙马朱胡郭何高林罗郑梁谢宋唐许韩冯邓曹彭曾萧田董袁潘于蒋蔡余杜叶程苏魏吕丁任沈姚卢姜崔钟谭陆汪"
    "范金石廖贾夏韦付方白邹孟熊秦邱江尹薛闫段雷侯龙史陶黎贺顾毛郝龚邵万钱严覃武戴莫孔向汤"
)
_DOUBLE_SURNAMES = ("欧阳", "司马", "上官", "诸葛", "夏侯", "皇甫", "尉迟", "令狐")
_GIVEN_MEN = (
    "伟强磊军洋勇杰涛明超刚平辉鹏华飞鑫波斌宇浩凯健俊帆帅旭宁龙林阳建国志文海峰东亮成康博泽瑞晨轩昊天佑嘉铭诚毅恒远振"
)
_GIVEN_WOMEN = (
    "芳娜敏静丽艳娟霞秀英玲桂兰萍红玉洁梅琳雪莉晶妍欣怡婷婉悦蕾薇倩颖璐瑶佳慧莹雅琪思雨梦菲岚晓春秋冬燕凤珍素云淑贞"
)
# Characters outside GBK, some outside the basic plane: every step must keep them.
_RARE = ("𠮷", "䶮", "𬭎", "㛃", "䮌", "𫖯", "𬱟", "㙦", "𬸣", "䴙")
_MINORITY_GIVEN = (
    "古丽米热",
    "阿卜杜热合曼",
    "买买提",
    "帕提古丽",
    "阿依古丽",
    "吐尔逊",
    "热依汗古丽",
    "努尔买买提",
    "艾克拜尔",
    "木合塔尔",
    "迪丽达尔",
    "阿不都克里木",
    "乌仁其其格",
    "巴特尔",
    "扎西多吉",
    "次仁卓玛",
)
_MINORITY_FATHER = (
    "艾比布力",
    "买买提明",
    "阿卜力克木",
    "吐尔地",
    "依明尼亚孜",
    "阿布都热西提",
    "托合提",
    "艾山",
    "卡斯木江",
    "莫合麦提图尔荪",
)
_PASSPORT_GIVEN = ("JAMES", "MARIA", "KENJI", "OLGA", "AHMED", "LUCIA", "PETER", "SOFIA")
_PASSPORT_FAMILY = ("SAMPLE", "EXAMPLE", "SPECIMEN", "DEMONSTRATION")

_ADDRESSES = 40
_YOUNGEST_YEARS, _OLDEST_YEARS = 17, 58


@dataclass(frozen=True, slots=True)
class Person:
    """A synthetic holder; number is as a city would write it (old IDs with 15 digits)."""

    name: str
    sex: str
    id_type: IdType
    number: str
    birth_date: dt.date


class People:
    """Makes people who differ from one another; today bounds their ages."""

    def __init__(self, random: Random, today: dt.date) -> None:
        """Draws from the given generator only."""
        self._random = random
        self._today = today
        self._taken: set[str] = set()

    def make(self) -> Person:
        """One more person; of a hundred about one has a rare character, two a minority name, two another kind of ID."""
        random = self._random
        sex = "男" if random.random() < 0.58 else "女"
        born = self._today - dt.timedelta(days=random.randrange(_YOUNGEST_YEARS * 366, _OLDEST_YEARS * 365))
        kind = random.random()
        if kind < 0.018:
            return self._with_other_id(sex, born, kind)
        number = self._resident_number(sex, born)
        # Cards with 15 digits were issued until 1999.
        if kind < 0.033 and born.year < 1983 and self._is_new(number[:6] + number[8:17]):
            number = number[:6] + number[8:17]
        return Person(self._name(sex), sex, IdType.RESIDENT_ID, number, born)

    def _is_new(self, number: str) -> bool:
        if number in self._taken:
            return False
        self._taken.add(number)
        return True

    def _resident_number(self, sex: str, born: dt.date) -> str:
        random = self._random
        while True:
            serial = random.randrange(0, 1000, 2) + (sex == "男")
            first17 = f"3799{random.randint(1, _ADDRESSES):02}{born:%Y%m%d}{serial:03}"
            if self._is_new(first17):
                return first17 + check_character(first17)

    def _with_other_id(self, sex: str, born: dt.date, kind: float) -> Person:
        digits = f"{len(self._taken):08}"
        self._taken.add(digits)
        if kind < 0.006:
            name = f"{self._random.choice(_PASSPORT_GIVEN)} {self._random.choice(_PASSPORT_FAMILY)}"
            return Person(name, sex, IdType.PASSPORT, "X" + digits, born)
        if kind < 0.012:
            return Person(self._name(sex), sex, IdType.HK_MACAU_PERMIT, "HM"[digits[-1] in "13579"] + digits, born)
        return Person(self._name(sex), sex, IdType.TAIWAN_PERMIT, digits, born)

    def _name(self, sex: str) -> str:
        random = self._random
        kind = random.random()
        if kind < 0.02:
            return f"{random.choice(_MINORITY_GIVEN)}·{random.choice(_MINORITY_FATHER)}"
        surname = random.choice(_DOUBLE_SURNAMES) if kind < 0.03 else random.choice(_SURNAMES)
        given = random.choice(_GIVEN_MEN if sex == "男" else _GIVEN_WOMEN)
        if kind < 0.04:
            return surname + random.choice(_RARE)
        if kind < 0.75:
            given += random.choice(_GIVEN_MEN if sex == "男" else _GIVEN_WOMEN)
        return surname + given
