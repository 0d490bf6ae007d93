"""The two import profiles that come with the program: the required layout, and what the exam system exports.

Pure. Set up once per database (savedprofiles.py); a provincial operator may save a newer version of the second.
"""

from __future__ import annotations

from uploads.intake.profiles import (
    AUTHORITY_PLACEHOLDER,
    BY_NUMBER,
    OFFICE_PLACEHOLDER,
    REQUIRED_LAYOUT,
    Definition,
    Headers,
    Profile,
    Refused,
)

REQUIRED = Profile(REQUIRED_LAYOUT, "上报格式", 1, Definition())

# Three title rows, then 考号 身份证号 姓名 职业 等级 性别 出生日期 报名单位 工龄 文化程度 考生来源 理论成绩 实操成绩 综合成绩
# 证书号 颁证日期 备注. Levels have no table: the required layout reads every spelling that the exam system writes.
EXAM_SYSTEM = Profile(
    "exam-system",
    "考务系统导出",
    1,
    Definition(
        headers={
            "certificate_number": Headers(("证书号",)),
            "holder_name": Headers(("姓名",)),
            "sex": Headers(("性别",)),
            "id_number": Headers(("身份证号",)),
            "birth_date": Headers(("出生日期",)),
            "occupation": Headers(("职业",)),
            "level": Headers(("等级",)),
            "theory_score": Headers(("理论成绩",)),
            "skill_score": Headers(("实操成绩",)),
            "overall_score": Headers(("综合成绩",)),
            "issue_date": Headers(("颁证日期",)),
        },
        tables={
            "sex": {
                "男": "男",
                "女": "女",
                "1": "男",
                "2": "女",
                "0": Refused("0 表示未知的性别"),
                "9": Refused("9 表示未说明的性别"),
            }
        },
        fixed={
            "id_type": BY_NUMBER,
            "issuing_authority": AUTHORITY_PLACEHOLDER,
            "assessment_office": OFFICE_PLACEHOLDER,
        },
        origin="exam_system",
    ),
)

SHIPPED = (REQUIRED, EXAM_SYSTEM)
