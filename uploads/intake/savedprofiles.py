"""Import profiles in the database: the newest version of each that isn't retired, saving a version, retiring a profile."""

from django.db.models import Exists, OuterRef, QuerySet
from django.utils import timezone

from certificates.models import Office
from uploads.actor import Actor
from uploads.intake.conversion import OfficeNames
from uploads.intake.profiles import (
    REQUIRED_LAYOUT,
    Definition,
    Profile,
    ProfileError,
    define,
    describe,
    name_problem,
    title_problem,
)
from uploads.intake.shippedprofiles import REQUIRED, SHIPPED
from uploads.intake.tables import Layout
from uploads.models import Capacity, ImportProfile
from uploads.oversight.audit import one_act, record
from uploads.refusals import Refusal
from uploads.signoff.permissions import holds


def profiles_in_use() -> "QuerySet[ImportProfile]":
    """The newest version of every profile that isn't retired, by name."""
    newer = ImportProfile.objects.filter(name=OuterRef("name"), version__gt=OuterRef("version"))
    return ImportProfile.objects.filter(~Exists(newer), retired_at=None).order_by("name")


def profile_called(name: str) -> ImportProfile | None:
    """The profile in use of that name or Chinese title; None if there is none."""
    in_use = profiles_in_use()
    return in_use.filter(name=name).first() or in_use.filter(title=name).first()


def profile_of(saved: ImportProfile | None) -> Profile:
    """The profile as the readers take it; a file without one is in the required layout."""
    if saved is None:
        return REQUIRED
    return Profile(saved.name, saved.title, saved.version, define(saved.definition))


def names_of(office: Office) -> OfficeNames:
    """What a profile's placeholders stand for."""
    return OfficeNames(full_name=office.full_name, issuing_authority=office.issuing_authority)


def layout_for(saved: ImportProfile | None, office: Office) -> Layout:
    """How a file of that office is read, with the other profiles that a refused file may rather fit."""
    used = profile_of(saved)
    others = tuple(profile_of(other) for other in profiles_in_use() if other.name != used.name)
    return Layout(profile=used, office=names_of(office), others=others)


def save_profile(*, by: Actor, name: str, title: str, definition: Definition, seen_version: int) -> ImportProfile:
    """Save a new version under that name; files that were read by an earlier one keep it.

    seen_version is the newest version as the person saw it, 0 for a new name. Writes import_profile and audit. Raises
    Refusal and ProfileError.
    """
    if problem := name_problem(name) or title_problem(title):
        raise ProfileError(problem)
    with one_act(by=by, action="profile.save", subject_kind="profile", subject_id=name):
        if not holds(by.person, Capacity.PROVINCIAL_OPERATOR):
            raise Refusal("person_not_entitled", by.capacity)
        if name == REQUIRED_LAYOUT:
            raise Refusal("required_layout_never_changes")
        newest = ImportProfile.objects.filter(name=name).first()
        if (newest.version if newest else 0) != seen_version:
            raise Refusal("profile_was_saved_meanwhile", name)
        saved = ImportProfile.objects.create(
            name=name,
            title=title.strip(),
            version=seen_version + 1,
            definition=describe(definition),
            created_by=by.person,
            created_at=timezone.now(),
        )
        record(
            by=by, action="profile.saved", subject_kind="profile", subject_id=name,
            detail={"version": saved.version, "title": saved.title},
        )  # fmt: skip
    return saved


def retire_profile(*, by: Actor, profile: ImportProfile) -> None:
    """Take a profile out of use; files that were read by it keep it. Writes import_profile and audit. Raises Refusal."""
    with one_act(by=by, action="profile.retire", subject_kind="profile", subject_id=profile.name):
        if not holds(by.person, Capacity.PROVINCIAL_OPERATOR):
            raise Refusal("person_not_entitled", by.capacity)
        if profile.name == REQUIRED_LAYOUT:
            raise Refusal("required_layout_never_changes")
        retired = profiles_in_use().filter(id=profile.id).update(retired_at=timezone.now(), retired_by=by.person)
        if not retired:
            raise Refusal("profile_was_saved_meanwhile", profile.name)
        record(
            by=by, action="profile.retired", subject_kind="profile", subject_id=profile.name,
            detail={"version": profile.version},
        )  # fmt: skip


def write_profiles(*, using: str) -> None:
    """Create the shipped profiles that are missing, through the database alias `using`; a present one is never touched."""
    present = set(ImportProfile.objects.using(using).values_list("name", flat=True))
    for profile in SHIPPED:
        if profile.name not in present:
            ImportProfile.objects.using(using).create(
                name=profile.name,
                title=profile.title,
                version=profile.version,
                definition=describe(profile.definition),
                created_at=timezone.now(),
            )
