"""证书版本: what a published certificate says, and what it said before; asked by POST, for no number belongs in an address."""

from django import forms
from django.http import HttpResponse
from django.views.decorators.http import require_http_methods

from uploads.models import Capacity
from uploads.pages.frame import REVIEWERS, Staff, StaffRequest, capacity_required, render_staff
from uploads.release.revisions import NoNumber, find_revisions
from uploads.signoff.permissions import RELEASE_CAPACITIES


class RevisionSearchForm(forms.Form):
    """One certificate by its number, or a person's by the ID number."""

    text = forms.CharField(
        label="证书编号或证件号码",
        help_text="须完整，空格不计。每次查看都记入审计；证件号码本身不记录。",
        max_length=80,
        widget=forms.TextInput(attrs={"class": "number", "autocomplete": "off", "spellcheck": "false"}),
        error_messages={"required": "请输入证书编号或证件号码。", "max_length": "最多 80 个字符。"},
    )


@require_http_methods(["GET", "HEAD", "POST"])
@capacity_required(*REVIEWERS)
def revisions(request: StaffRequest) -> HttpResponse:
    """The certificates that were asked for, each with every revision."""
    form = RevisionSearchForm(request.POST if request.method == "POST" else None)
    context: dict[str, object] = {"form": form}
    if request.method == "POST" and form.is_valid():
        staff = request.staff
        try:
            context["found"] = find_revisions(
                by=staff.actor(_acting_as(staff)),
                text=form.cleaned_data["text"],
                offices=None if staff.holds(*RELEASE_CAPACITIES) else staff.office_codes,
            )
        except NoNumber:
            form.add_error("text", "这不是完整的证书编号或证件号码。请核对后重新输入。")
    return render_staff(request, "uploads/certificates/revisions.html", context)


def _acting_as(staff: Staff) -> Capacity:
    """In which capacity the person looks, for the audit: the widest."""
    held = [capacity for capacity in (*RELEASE_CAPACITIES, *REVIEWERS) if staff.holds(capacity)]
    return held[0]
