"""The offices that report: 省本级 and the cities as of 2008; staff edit them afterwards, so a present row is never touched."""

from datetime import date

from certificates.models import Office
from certificates.models.offices import OfficeKind

CITIES = {
    "3701": "济南市", "3702": "青岛市", "3703": "淄博市", "3704": "枣庄市", "3705": "东营市", "3706": "烟台市",
    "3707": "潍坊市", "3708": "济宁市", "3709": "泰安市", "3710": "威海市", "3711": "日照市", "3712": "莱芜市",
    "3713": "临沂市", "3714": "德州市", "3715": "聊城市", "3716": "滨州市", "3717": "菏泽市",
}  # fmt: skip
PROVINCE = "3700"
# 莱芜 became part of 济南 at the end of 2018; its certificates keep their issuer, their corrections go to 济南.
LAIWU, LAIWU_UNTIL = "3712", date(2018, 12, 31)
FIRST_DAY = date(2008, 12, 1)


def write_offices(*, using: str) -> None:
    """Create the offices that are missing, through the database alias `using`."""
    offices = Office.objects.using(using)
    offices.get_or_create(
        code=PROVINCE,
        defaults={
            "name": "省本级",
            "full_name": "山东省职业技能鉴定指导中心",
            "kind": OfficeKind.PROVINCE,
            "valid_from": FIRST_DAY,
            "issuing_authority": "山东省人力资源和社会保障厅",
        },
    )
    for code, name in CITIES.items():
        defaults = {
            "name": name,
            "full_name": f"{name}职业技能鉴定中心",
            "kind": OfficeKind.CITY,
            "valid_from": FIRST_DAY,
            "valid_to": LAIWU_UNTIL if code == LAIWU else None,
            "successor_id": "3701" if code == LAIWU else None,
            "issuing_authority": f"{name}人力资源和社会保障局",
        }
        offices.get_or_create(code=code, defaults=defaults)
