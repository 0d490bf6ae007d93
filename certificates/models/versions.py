"""A version for each table that every public page draws on and that rarely changes; certificates/held.py reads by it."""

from django.db import models


class ReferenceVersion(models.Model):
    """The version of one table's content, 64 random bits; triggers give the table new ones with every change.

    Random, not counted: after a restore a number could come back for another content.
    """

    table_name = models.CharField(max_length=40, primary_key=True)
    version = models.BigIntegerField()

    class Meta:
        db_table = "reference_version"
