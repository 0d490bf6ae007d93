"""Which passwords are refused: short ones, common ones, and those that anyone could guess who knows this site."""

import re
from datetime import datetime, timedelta
from enum import StrEnum

from django.conf import settings
from django.contrib.auth.password_validation import CommonPasswordValidator
from django.core.exceptions import ValidationError

from uploads.models import Person

LEAST = 12
MOST = 128
LEAST_DIFFERENT = 6

# Words of this site and its province; in a password they are worth nothing.
CONTEXT_WORDS = (
    "certlookup", "shandong", "zhengshu", "zhiye", "jineng", "jianding", "chaxun", "osta", "jinan", "qingdao",
    "password", "mima", "admin", "qwerty", "asdfgh", "welcome", "letmein", "iloveyou", "woaini",
    "山东", "证书", "职业", "技能", "鉴定", "查询", "密码", "管理",
)  # fmt: skip
_SEQUENCES = (
    "01234567890123456789",
    "abcdefghijklmnopqrstuvwxyz",
    "qwertyuiopasdfghjklzxcvbnm",
    "1qaz2wsx3edc4rfv5tgb",
)
_LOOKALIKES = str.maketrans("013457@$!", "oieastasi")
_common = CommonPasswordValidator()


class Due(StrEnum):
    """Why a new password has to be chosen before anything else."""

    ORDERED = "ordered"
    OLD = "old"


def password_due(person: Person, signed_in_at: datetime) -> Due | None:
    """Whether the person has to choose a new password; its age counts at the login, so that no work is interrupted."""
    if person.password_change_ordered_at is not None:
        return Due.ORDERED
    return Due.OLD if signed_in_at >= password_ends_at(person) else None


def password_ends_at(person: Person) -> datetime:
    """From when on a login asks for a new password."""
    return person.password_set_at + timedelta(days=settings.PASSWORD_DAYS)


def _is_common(text: str) -> bool:
    try:
        _common.validate(text)
    except ValidationError:
        return True
    return False


def _is_mostly_known(text: str) -> bool:
    """Whether too little is left without the words of this site."""
    rest = text
    for word in CONTEXT_WORDS:
        rest = rest.replace(word, "")
    return rest != text and len(rest) < LEAST - 2


def _is_a_sequence(text: str) -> bool:
    """Mostly a run of the keyboard or alphabet, or a short piece repeated."""
    if re.fullmatch(r"(.{1,6}?)\1+.{0,3}", text):
        return True
    return any(text[:8] in line or text[:8] in line[::-1] for line in _SEQUENCES)


def password_problems(password: str, person: Person) -> list[str]:
    """Why this password can't be this person's, as Chinese sentences; empty if it can."""
    folded = password.casefold()
    plain = folded.translate(_LOOKALIKES)
    letters = re.sub(r"[\W\d_]+$|^[\W\d_]+", "", folded)
    problems = []
    if len(password) < LEAST:
        problems.append(f"密码至少 {LEAST} 个字符，现在是 {len(password)} 个。")
    if len(password) > MOST:
        problems.append(f"密码最多 {MOST} 个字符。")
    if len(set(folded)) < LEAST_DIFFERENT or _is_a_sequence(folded):
        problems.append("密码太有规律，请不要用连续或重复的字符。")
    elif _is_common(folded) or _is_common(plain) or (len(letters) >= 4 and _is_common(letters)):
        problems.append("密码太常见，请换一个。")
    own = tuple(word.casefold() for word in (person.staff_number, person.name, person.phone) if len(word) >= 2)
    if any(word in folded for word in own):
        problems.append("密码中不要有自己的工号、姓名或电话。")
    elif _is_mostly_known(folded) or _is_mostly_known(plain):
        problems.append("密码中与本系统有关的词或常见词太多，请换成别人想不到的。")
    return problems
