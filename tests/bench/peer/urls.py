"""Certificate.objects.get() behind a model form, as a tutorial writes it; the ID number's index stands for the number."""

from typing import Any

from django import forms
from django.db import models
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import path

from certlookup.sealing import index_id


class Certificate(models.Model):
    certificate_number = models.CharField("证书编号", max_length=22, primary_key=True)
    id_index = models.BinaryField()
    holder_name = models.CharField("姓名", max_length=60)
    sex = models.CharField("性别", max_length=1)
    id_type = models.CharField("证件类型", max_length=20)
    birth_date = models.DateField("出生日期", null=True)
    occupation = models.CharField("职业(工种)", max_length=120)
    level_text = models.CharField("等级", max_length=40)
    theory_score = models.CharField("理论知识考试成绩", max_length=10, null=True)
    skill_score = models.CharField("操作技能考核成绩", max_length=10, null=True)
    result = models.CharField("评定成绩", max_length=10, null=True)
    issue_date = models.DateField("发证日期", null=True)
    issuing_authority = models.CharField("发证机关", max_length=120)
    assessment_office = models.CharField("鉴定机构", max_length=120)

    class Meta:
        app_label = "peer"
        db_table = "certificate"
        managed = False


class LookupForm(forms.ModelForm):  # type: ignore[type-arg] # as a tutorial has it, without the stubs' generics
    id_number = forms.CharField(label="证件号码", max_length=20)

    class Meta:
        model = Certificate
        fields = ("certificate_number",)

    def validate_unique(self) -> None:
        """A lookup's number is to be there."""


def lookup(request: HttpRequest) -> HttpResponse:
    """One lookup."""
    form = LookupForm(request.POST or None)
    context: dict[str, Any] = {"form": form, "outcome": "invalid"}
    if form.is_valid():
        try:
            certificate = Certificate.objects.get(
                certificate_number=form.cleaned_data["certificate_number"],
                id_index=index_id(form.cleaned_data["id_number"])[0],
            )
        except Certificate.DoesNotExist:
            context["outcome"] = "not-found"
        else:
            fields = [field for field in Certificate._meta.concrete_fields if field.name != "id_index"]
            shown = [(field.verbose_name, getattr(certificate, field.name)) for field in fields]
            context |= {"outcome": "found", "fields": shown}
    return render(request, "lookup.html", context)


urlpatterns = [path("lookup/", lookup)]
