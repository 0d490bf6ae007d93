"""The plain model that django-import-export imports into: one column per header, no keys beyond the number, no checks."""

from pathlib import Path

import tablib
from django.db import models
from import_export import resources

from tests.bench.files import HEADER


class PlainCertificate(models.Model):
    certificate_number = models.CharField(max_length=22, primary_key=True)
    holder_name = models.CharField(max_length=60)
    sex = models.CharField(max_length=1)
    id_type = models.CharField(max_length=20)
    id_number = models.CharField(max_length=20)
    birth_date = models.CharField(max_length=20)
    occupation = models.CharField(max_length=120)
    occupation_code = models.CharField(max_length=30, null=True)
    level = models.CharField(max_length=20)
    theory_score = models.CharField(max_length=10)
    skill_score = models.CharField(max_length=10)
    result = models.CharField(max_length=10)
    processed_date = models.CharField(max_length=20)
    issue_date = models.CharField(max_length=20)
    issuing_authority = models.CharField(max_length=120)
    assessment_office = models.CharField(max_length=120)

    class Meta:
        app_label = "bench"


FIELDS = tuple(field.name for field in PlainCertificate._meta.concrete_fields)


class PlainResource(resources.ModelResource):
    class Meta:
        model = PlainCertificate
        fields = FIELDS
        import_id_fields = ("certificate_number",)
        use_bulk = True
        batch_size = 1000
        skip_diff = True
        force_init_instance = True


def load(path: Path) -> tablib.Dataset:
    """The workbook as a dataset with the model's names for headers."""
    dataset = tablib.Dataset().load(path.read_bytes(), format="xlsx")
    assert tuple(dataset.headers) == HEADER
    dataset.headers = list(FIELDS)
    return dataset
