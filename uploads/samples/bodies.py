"""The offices in force and fictitious assessment bodies below them, for the demo and its sample files.

City names and GB/T 2260 codes are real; the bodies, their codes, phones (00000000) and addresses (示例路) are made up.
How the province numbers its cities in certificate numbers isn't published: here it is the office code's last digits.
"""

from __future__ import annotations

from dataclasses import dataclass

ISSUER_CODE = "15"
PROVINCE = "3700"


@dataclass(frozen=True, slots=True)
class SampleOffice:
    """An office: code, names, who issues its certificates, its telephone area code, and its share of the rows."""

    code: str
    name: str
    full_name: str
    issuing_authority: str
    area_code: str
    weight: int
    counties: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class SampleBody:
    """An assessment body; code are digits 3 to 10 of the certificate numbers it hands out."""

    office: str
    name: str
    code: str
    is_county: bool
    phone: str
    address: str


def _city(code: str, name: str, area_code: str, weight: int, *counties: str) -> SampleOffice:
    return SampleOffice(
        code,
        name,
        f"{name}职业技能鉴定指导中心",
        f"{name}人力资源和社会保障局",
        area_code,
        weight,
        counties,
    )


OFFICES: tuple[SampleOffice, ...] = (
    SampleOffice(PROVINCE, "省本级", "山东省职业技能鉴定指导中心", "山东省人力资源和社会保障厅", "0531", 8, ()),
    _city("3701", "济南市", "0531", 14, "章丘区", "平阴县", "莱芜区"),
    _city("3702", "青岛市", "0532", 16, "即墨区", "胶州市", "平度市"),
    _city("3703", "淄博市", "0533", 8, "桓台县", "沂源县"),
    _city("3704", "枣庄市", "0632", 5, "滕州市", "台儿庄区"),
    _city("3705", "东营市", "0546", 5, "广饶县", "利津县"),
    _city("3706", "烟台市", "0535", 10, "龙口市", "莱州市"),
    _city("3707", "潍坊市", "0536", 10, "寿光市", "诸城市", "青州市"),
    _city("3708", "济宁市", "0537", 8, "曲阜市", "邹城市"),
    _city("3709", "泰安市", "0538", 6, "新泰市", "肥城市"),
    _city("3710", "威海市", "0631", 5, "荣成市", "乳山市"),
    _city("3711", "日照市", "0633", 4, "莒县", "五莲县"),
    _city("3713", "临沂市", "0539", 9, "沂水县", "平邑县"),
    _city("3714", "德州市", "0534", 6, "乐陵市", "禹城市"),
    _city("3715", "聊城市", "0635", 6, "临清市", "阳谷县"),
    _city("3716", "滨州市", "0543", 5, "邹平市", "博兴县"),
    _city("3717", "菏泽市", "0530", 7, "曹县", "郓城县"),
)

_CENTRE, _NATIONAL_OFFICE, _LOCAL_STATION = "0", "1", "2"


def _bodies_of(office: SampleOffice) -> list[SampleBody]:
    """The office's own centre, two national assessment offices, a local station, and a centre in each county."""
    place = "山东省" if office.code == PROVINCE else office.name
    named = [
        (office.full_name, _CENTRE, 0, False),
        (f"{place}第一国家职业技能鉴定所", _NATIONAL_OFFICE, 1, False),
        (f"{place}第二国家职业技能鉴定所", _NATIONAL_OFFICE, 2, False),
        (f"{place}第三职业技能鉴定站", _LOCAL_STATION, 3, False),
        *(
            (f"{office.name}{county}职业技能鉴定指导中心", _CENTRE, 10 + place, True)
            for place, county in enumerate(office.counties, 1)
        ),
    ]
    return [
        SampleBody(
            office=office.code,
            name=name,
            code=f"{ISSUER_CODE}{office.code[2:]}{kind}{serial:03}",
            is_county=is_county,
            phone=f"{office.area_code}-00000000",
            address=f"{place}示例路{serial + 1}号",
        )
        for name, kind, serial, is_county in named
    ]


BODIES: tuple[SampleBody, ...] = tuple(body for office in OFFICES for body in _bodies_of(office))
