"""What an office is called on a page: in Chinese as the register has it, in English by the city's own name."""

from typing import Final

from django.utils.translation import get_language
from django.utils.translation import gettext_lazy as _

# Those that were there from the beginning; one that comes later keeps its Chinese name on the English pages.
_NAMES: Final = {
    "3700": _("省本级"), "3701": _("济南市"), "3702": _("青岛市"), "3703": _("淄博市"), "3704": _("枣庄市"),
    "3705": _("东营市"), "3706": _("烟台市"), "3707": _("潍坊市"), "3708": _("济宁市"), "3709": _("泰安市"),
    "3710": _("威海市"), "3711": _("日照市"), "3712": _("莱芜市"), "3713": _("临沂市"), "3714": _("德州市"),
    "3715": _("聊城市"), "3716": _("滨州市"), "3717": _("菏泽市"),
}  # fmt: skip


def has_english_name(code: str) -> bool:
    """Whether the page is in English and knows this office."""
    return get_language() == "en" and code in _NAMES


def office_name(code: str, name: str) -> str:
    """The name to be shown of an office that the register calls by this one."""
    return str(_NAMES[code]) if has_english_name(code) else name
