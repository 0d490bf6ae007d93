"""系统检查: one line per matter that has to be well for the site to be trusted; what can't be checked is never called well."""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass

from django.db import DatabaseError

from uploads.oversight.matters import Condition, Seen, database, failure, replication, safety, visitors, work

__all__ = ["Condition", "Finding", "check_system", "worst"]


@dataclass(frozen=True, slots=True)
class Finding:
    """One matter: its name in English and Chinese, how it stands, and what was seen, in both languages."""

    name: str
    label: str
    condition: Condition
    seen: str
    told: str


def check_system() -> Iterator[Finding]:
    """Look at every matter, in order; one that can't be looked at is a failure with the reason. Reads, writes nothing."""
    for name, label, look in _MATTERS:
        try:
            seen = look()
        except (DatabaseError, OSError) as error:
            reason = (str(error).splitlines() or [type(error).__name__])[0]
            seen = failure(f"can't be looked at: {reason}", f"无法检查：{reason}")
        yield Finding(name, label, seen.condition, seen.english, seen.chinese)


def worst(findings: Sequence[Finding]) -> Condition:
    """The gravest condition among them."""
    order = list(Condition)
    return max((finding.condition for finding in findings), key=order.index, default=Condition.WELL)


_MATTERS: tuple[tuple[str, str, Callable[[], Seen]], ...] = (
    ("settings", "设置", database.look_at_settings),
    ("database", "数据库", database.look_at_database),
    ("migrations", "数据库结构", database.look_at_migrations),
    ("rights", "数据库权限", database.look_at_rights),
    ("replication", "从库", replication.look_at_replicas),
    ("counters", "查询次数计数", database.look_at_counters),
    ("register", "证书库核对", work.look_at_register),
    ("audit", "审计链核对", work.look_at_audit),
    ("keys", "密钥", database.look_at_keys),
    ("second_factors", "双因素登录", safety.look_at_second_factors),
    ("worker", "后台任务程序", work.look_at_worker),
    ("queue", "任务队列", work.look_at_queue),
    ("backups", "备份", work.look_at_backups),
    ("proofs", "备份的恢复核验", work.look_at_proofs),
    ("backup_places", "备份位置", work.look_at_places),
    ("files", "上报文件", work.look_at_files),
    ("disk", "磁盘空间", work.look_at_disk),
    ("clock", "时钟", database.look_at_clock),
    ("holidays", "放假安排", safety.look_at_holidays),
    ("scanner", "病毒查杀", safety.look_at_scanner),
    ("hazards", "安全隐患", safety.look_at_hazards),
    ("lookups", "公众查询", visitors.look_at_lookups),
)
LABELS = {name: label for name, label, _ in _MATTERS}
