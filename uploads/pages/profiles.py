"""导入方案: what other layouts there are, and making one from a sample: columns, values, dates, a preview, saved by name."""

from collections.abc import Callable
from dataclasses import dataclass

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect
from django.views.decorators.http import require_http_methods, require_safe

from certificates.models import Office
from certlookup.spreadsheets.filerules import SpreadsheetError
from uploads.intake.columns import FIELDS, HEADERS
from uploads.intake.profiles import REQUIRED_LAYOUT, Definition, Headers, Profile, ProfileError, Refused, describe
from uploads.intake.savedprofiles import profile_called, profile_of, profiles_in_use, retire_profile, save_profile
from uploads.intake.storage import FileTooLarge
from uploads.intake.trials import Sample, end_trial, read_sample, receive_sample, trials_of
from uploads.models import Capacity, ImportProfile, ProfileTrial
from uploads.oversight.viewing import record_view
from uploads.pages.forms.profiles import ProfileForm, SampleForm
from uploads.pages.frame import StaffRequest, capacity_required, render_staff, staff_required
from uploads.refusals import Refusal

MAKERS = (Capacity.PROVINCIAL_OPERATOR,)
LIST = "staff-profiles"


@dataclass(frozen=True, slots=True)
class FieldLine:
    """A field of a profile as its page shows it."""

    label: str
    names: tuple[str, ...]
    only: bool
    fixed: str
    entries: tuple[tuple[str, str], ...]


def _field_lines(definition: Definition) -> list[FieldLine]:
    lines = []
    for field in FIELDS:
        headers = definition.headers.get(field, Headers(()))
        entries = tuple(
            (text, f"不能上报：{target.reason}" if isinstance(target, Refused) else target)
            for text, target in definition.tables.get(field, {}).items()
        )
        fixed = definition.fixed.get(field, "")
        lines.append(FieldLine(HEADERS[field], headers.names, headers.only, fixed, entries))
    return lines


@require_safe
@staff_required
def profiles(request: StaffRequest) -> HttpResponse:
    """The profiles in use; everybody who uploads or signs may read them."""
    context = {
        "profiles": profiles_in_use().select_related("created_by"),
        "may_make": request.staff.holds(*MAKERS),
        "trials": trials_of(request.staff.person) if request.staff.holds(*MAKERS) else (),
    }
    return render_staff(request, "uploads/profiles/list.html", context)


@require_safe
@staff_required
def profile(request: StaffRequest, name: str, version: int) -> HttpResponse:
    """One version of a profile, in words; files that were read by it link here."""
    shown = get_object_or_404(
        ImportProfile.objects.select_related("created_by", "retired_by"), name=name, version=version
    )
    context = {
        "profile": shown,
        "definition": profile_of(shown).definition,
        "lines": _field_lines(profile_of(shown).definition),
        "versions": ImportProfile.objects.select_related("created_by").filter(name=name),
        "in_use": profile_called(name) == shown,
        "is_required_layout": name == REQUIRED_LAYOUT,
        "may_make": request.staff.holds(*MAKERS),
    }
    return render_staff(request, "uploads/profiles/one.html", context)


@require_http_methods(["GET", "HEAD", "POST"])
@capacity_required(*MAKERS)
def new(request: StaffRequest) -> HttpResponse:
    """A sample, from which a profile is made."""
    form = SampleForm(
        request.POST or None, request.FILES or None, initial={"base": request.GET.get("base", REQUIRED_LAYOUT)}
    )
    if request.method == "POST" and form.is_valid():
        given = form.cleaned_data
        try:
            started = receive_sample(
                by=request.staff.actor(Capacity.PROVINCIAL_OPERATOR),
                content=given["file"].chunks(),
                name=given["file"].name,
                base=profile_called(given["base"]),
            )
        except Refusal as refusal:
            form.add_error(None, refusal.sentence())
        except FileTooLarge:
            form.add_error("file", "文件太大，没有收下。请只保留几行后重新选择。")
        else:
            return redirect("staff-profile-trial", started.id)
    return render_staff(request, "uploads/profiles/new.html", {"form": form})


@dataclass(frozen=True, slots=True)
class _Draft:
    """What a trial has come to so far."""

    profile: Profile
    office: Office
    title: str
    name: str


def _draft_of(trial: ProfileTrial) -> _Draft:
    """The trial's draft, or its base where nothing was changed yet."""
    base = profile_of(trial.base)
    kept = trial.draft
    is_new = base.name == REQUIRED_LAYOUT
    name, title = kept.get("name", "" if is_new else base.name), kept.get("title", "" if is_new else base.title)
    saved = ImportProfile(name=name, title=title or "试读", version=1, definition=kept.get("definition", {}))
    profile = profile_of(saved) if kept else Profile(base.name, title or "试读", base.version, base.definition)
    office = Office.objects.filter(code=kept.get("office", "")).first() or Office.objects.order_by("code")[0]
    return _Draft(profile, office, title, name)


@require_http_methods(["GET", "HEAD", "POST"])
@capacity_required(*MAKERS)
def trial(request: StaffRequest, trial_id: int) -> HttpResponse:
    """The sample as the draft reads it; the form mends the draft, and saves it."""
    tried = get_object_or_404(trials_of(request.staff.person), id=trial_id)
    if request.method == "POST" and request.POST.get("act") == "discard":
        end_trial(trial=tried)
        messages.success(request, "样表已删除，没有保存方案。")
        return redirect(LIST)
    draft = _draft_of(tried)
    record_view(by=request.staff.actor(), action="rows.viewed", subject_kind="trial", subject_id=str(trial_id))
    try:
        sample = read_sample(tried, draft.profile, draft.office)
    except SpreadsheetError as error:
        # A sheet or row that the draft names may be what can't be read: another try starts from the base.
        context = {"trial": tried, "rule": error.rule, "sentence": error.message_zh}
        return render_staff(request, "uploads/profiles/unreadable.html", context)
    form = ProfileForm(
        request.POST if request.method == "POST" else None,
        sample=sample,
        draft=draft.profile.definition,
        base=tried.base if tried.base and tried.base.name != REQUIRED_LAYOUT else None,
        initial={"title": draft.title, "name": draft.name, "office": draft.office},
    )
    if request.method == "POST" and form.is_valid():
        act: Callable[[StaffRequest, ProfileTrial, ProfileForm], HttpResponse | None]
        act = _save if request.POST.get("act") == "save" else _try_again
        answer = act(request, tried, form)
        if answer is not None:
            return answer
    return render_staff(request, "uploads/profiles/trial.html", _trial_context(tried, form, sample))


def _trial_context(tried: ProfileTrial, form: ProfileForm, sample: Sample) -> dict[str, object]:
    errors = [problem for problem in sample.problems if problem.severity == "error"]
    return {
        "trial": tried,
        "form": form,
        "sample": sample,
        "missing": [HEADERS[field] for field in sample.missing],
        "unmatched": [column for column in sample.columns if not column.field],
        "errors": errors,
        "notes": [problem for problem in sample.problems if problem not in errors],
    }


def _try_again(request: StaffRequest, tried: ProfileTrial, form: ProfileForm) -> HttpResponse:
    """Keep what was said as the draft, and show what it makes of the sample."""
    tried.draft = _kept(form)
    tried.save(update_fields=["draft"])
    return redirect("staff-profile-trial", tried.id)


def _kept(form: ProfileForm) -> dict[str, object]:
    return {
        "name": form.cleaned_data["name"].strip(),
        "title": form.cleaned_data["title"].strip(),
        "office": form.cleaned_data["office"].code,
        "definition": describe(form.definition),
    }


def _reads_its_sample(tried: ProfileTrial, form: ProfileForm) -> bool:
    """Whether every required column is found as the form now says; what is missing comes as messages."""
    profile = Profile("trial", form.cleaned_data["title"].strip(), 1, form.definition)
    sample = read_sample(tried, profile, form.cleaned_data["office"])
    for problem in sample.problems:
        if problem.severity == "error":
            form.add_error(None, f"没有保存，样表按现在的设置还不能读成上报格式：{problem.message}")
    return not form.errors


def _save(request: StaffRequest, tried: ProfileTrial, form: ProfileForm) -> HttpResponse | None:
    """Save the profile and forget the sample; None where it can't be saved, and the form says why."""
    if not form.require_names() or not _reads_its_sample(tried, form):
        return None
    name = form.cleaned_data["name"].strip()
    base = form.base
    try:
        saved = save_profile(
            by=request.staff.actor(Capacity.PROVINCIAL_OPERATOR),
            name=name,
            title=form.cleaned_data["title"].strip(),
            definition=form.definition,
            seen_version=base.version if base is not None and base.name == name else 0,
        )
    except (Refusal, ProfileError) as refusal:
        form.add_error(None, refusal.sentence() if isinstance(refusal, Refusal) else str(refusal))
        return None
    end_trial(trial=tried)
    messages.success(request, f"导入方案“{saved.title}”第 {saved.version} 版已保存，上传文件时可以选用。样表已删除。")
    return redirect("staff-profile", saved.name, saved.version)


@require_http_methods(["GET", "HEAD", "POST"])
@capacity_required(*MAKERS)
def retire(request: StaffRequest, name: str, version: int) -> HttpResponse:
    """Take a profile out of use, after asking once."""
    shown = get_object_or_404(ImportProfile, name=name, version=version)
    refused = ""
    if request.method == "POST":
        try:
            retire_profile(by=request.staff.actor(Capacity.PROVINCIAL_OPERATOR), profile=shown)
        except Refusal as refusal:
            refused = refusal.sentence()
        else:
            messages.success(request, f"导入方案“{shown.title}”已停用。用它读取过的文件不受影响。")
            return redirect(LIST)
    return render_staff(request, "uploads/profiles/retire.html", {"profile": shown, "refused": refused})
