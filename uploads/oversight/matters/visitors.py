"""How the public site is used: sudden load, misses in masses, whoever tries numbers out."""

from django.utils import timezone

from certificates.load import lookup_load
from uploads.oversight.matters import Seen, warning, well


def look_at_lookups() -> Seen:
    """The last hour's lookups, and whatever is unusual about them or about the last day's addresses."""
    load = lookup_load(timezone.now())
    lines = len(load.addresses) + load.more_addresses
    seen = (
        f"{load.lookups} lookups in the last hour, {load.miss_percent}% found nothing; "
        f"{load.lately} in the last 5 minutes, usually {load.usual}; {lines} conspicuous addresses in 24 hours"
    )
    if load.warnings:
        return warning(seen, " ".join(load.warnings))
    return well(seen, f"最近 1 小时 {load.lookups} 次查询，{load.miss_percent}% 没有查到，没有异常")
