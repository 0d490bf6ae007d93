from django.db import models


class RateCounter(models.Model):
    """How often a key was used in its window; an unlogged table, empty after a crash of the server."""

    key = models.CharField(max_length=250, primary_key=True)
    count = models.IntegerField()
    expires_at = models.DateTimeField()

    class Meta:
        db_table = "rate_counter"


class LookupCount(models.Model):
    """How many lookups of a day found a certificate and how many did not; nothing of who asked for what.

    A day's count is the sum over its shards: each connection has its own row, so that lookups don't wait for each other.
    """

    pk = models.CompositePrimaryKey("day", "shard")
    day = models.DateField()
    shard = models.SmallIntegerField()
    hits = models.BigIntegerField(default=0)
    misses = models.BigIntegerField(default=0)

    class Meta:
        db_table = "lookup_count"
        ordering = ["day", "shard"]


class LookupMinute(models.Model):
    """How the public site was used in one minute; unlogged, written through note_lookups() alone.

    challenged and limited count lookups that were answered by a challenge, or by nothing but 'later'.
    """

    minute = models.DateTimeField(primary_key=True)
    lookups = models.IntegerField()
    misses = models.IntegerField()
    challenged = models.IntegerField()
    limited = models.IntegerField()

    class Meta:
        db_table = "lookup_minute"


class LookupPattern(models.TextChoices):
    """What is conspicuous about an address."""

    MISSES = "misses", "反复查不到"
    SEQUENCE = "sequence", "按顺序逐个试证书编号"
    GUESSING = "guessing", "反复试同一证件号码或证书编号"
    LIMITED = "limited", "超过查询上限"


class NotedAddress(models.Model):
    """An address that was conspicuous in one hour; others are never stored. Unlogged, kept for a few days."""

    hour = models.DateTimeField()
    address = models.CharField(max_length=50)
    pattern = models.CharField(max_length=10, choices=LookupPattern.choices)
    count = models.IntegerField()
    last_at = models.DateTimeField()

    class Meta:
        db_table = "noted_address"
        constraints = [
            models.UniqueConstraint(fields=["hour", "address", "pattern"], name="noted_address_once_an_hour")
        ]
