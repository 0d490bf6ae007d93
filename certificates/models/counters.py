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
