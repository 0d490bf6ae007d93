from django.db import models


class RateCounter(models.Model):
    """How often a key was used in its window; an unlogged table, empty after a crash of the server."""

    key = models.CharField(max_length=250, primary_key=True)
    count = models.IntegerField()
    expires_at = models.DateTimeField()

    class Meta:
        db_table = "rate_counter"
