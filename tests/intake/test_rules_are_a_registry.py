from __future__ import annotations

import re
import string

from uploads.intake.rules import LENIENT_IN_BACKFILL, RULES, severity_in

LONGEST_MESSAGE = 500


def _placeholders(text: str) -> set[str]:
    return {name for _, name, _, _ in string.Formatter().parse(text) if name}


def test_every_number_stands_under_itself_and_has_the_usual_form() -> None:
    for number, rule in RULES.items():
        assert rule.number == number
        assert re.fullmatch(r"R-[0-5][0-9]{2}", number)


def test_every_rule_says_the_same_in_both_languages() -> None:
    for rule in RULES.values():
        assert rule.zh
        assert rule.en
        assert _placeholders(rule.en) == _placeholders(rule.zh), rule.number


def test_every_sentence_fits_where_findings_are_stored() -> None:
    for rule in RULES.values():
        names = dict.fromkeys(_placeholders(rule.zh), "某" * 60)
        assert len(rule.message(**names)) <= LONGEST_MESSAGE


def test_every_refusal_says_what_to_do() -> None:
    for rule in RULES.values():
        assert "请" in rule.zh or "无须处理" in rule.zh, rule.number


def test_backfill_is_lenient_where_old_records_contradict_themselves() -> None:
    assert {number for number, rule in RULES.items() if severity_in(rule, "backfill") != rule.severity} == set(
        LENIENT_IN_BACKFILL
    )
