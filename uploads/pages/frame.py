"""The frame of every staff page: who is signed in, in which capacities, and where the navigation leads.

A view is wrapped in staff_required (or capacity_required), takes a StaffRequest and answers with render_staff.
"""

import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from functools import wraps
from typing import Any, cast

from django.conf import settings
from django.contrib.auth.views import redirect_to_login
from django.contrib.messages import get_messages
from django.core.exceptions import BadRequest, PermissionDenied
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import NoReverseMatch, reverse
from django.utils import timezone
from django.utils.http import url_has_allowed_host_and_scheme
from django.views.decorators.http import require_POST

from certlookup.clientaddress import client_address
from uploads.actor import Actor
from uploads.models import Capacity, CapacityGrant, Outcome, Person
from uploads.oversight.audit import record
from uploads.people.entitlement import read_grants
from uploads.people.passwords import password_due

SIGNED_IN_AT = "signed_in_at"
# A page that refreshes itself would otherwise keep a session alive for ever.
REFRESH_FOR = timedelta(minutes=10)
REFRESH_SECONDS = 3
_EVERYONE: frozenset[Capacity] = frozenset(Capacity)
# Who answers for the content of certificates: the city's two signers, and the four of a release.
REVIEWERS = (
    Capacity.CITY_OPERATOR,
    Capacity.CITY_DIRECTOR,
    Capacity.PROVINCIAL_OPERATOR,
    Capacity.DEPARTMENT_HEAD,
    Capacity.DEPUTY_DIRECTOR,
    Capacity.NETWORK_ADMINISTRATOR,
)
_PROVINCE = frozenset(capacity for capacity in Capacity if not capacity.belongs_to_an_office) - {Capacity.KEEPER}
_NAVIGATION = (
    ("staff-home", "本期工作", _EVERYONE),
    (
        "staff-signing",
        "待签字",
        frozenset(set(REVIEWERS) - {Capacity.NETWORK_ADMINISTRATOR}),
    ),
    (
        "staff-prechecks",
        "预检",
        frozenset({Capacity.CITY_OPERATOR, Capacity.CITY_DIRECTOR, Capacity.PROVINCIAL_OPERATOR}),
    ),
    ("staff-batches", "上报批次", _EVERYONE),
    ("staff-campaigns", "补录", _EVERYONE),
    ("staff-releases", "汇总批次", _EVERYONE),
    ("staff-backups", "备份", _EVERYONE),
    ("staff-calendar", "日历与延期", _EVERYONE),
    ("staff-statistics", "统计图表", _EVERYONE),
    ("staff-revisions", "证书版本", frozenset(REVIEWERS)),
    (
        "staff-reviews",
        "核查",
        frozenset(
            {
                Capacity.PROVINCIAL_OPERATOR,
                Capacity.DEPARTMENT_HEAD,
                Capacity.DEPUTY_DIRECTOR,
                Capacity.NETWORK_ADMINISTRATOR,
            }
        ),
    ),
    (
        "staff-enquiries",
        "查不到登记",
        frozenset(
            {
                Capacity.CITY_OPERATOR,
                Capacity.CITY_DIRECTOR,
                Capacity.PROVINCIAL_OPERATOR,
                Capacity.DEPARTMENT_HEAD,
                Capacity.DEPUTY_DIRECTOR,
            }
        ),
    ),
    ("staff-forgeries", "举报", frozenset({Capacity.PROVINCIAL_OPERATOR, Capacity.DEPARTMENT_HEAD})),
    (
        "staff-people",
        "人员与账号",
        frozenset(
            {
                Capacity.SYSTEM_ADMINISTRATOR,
                Capacity.SECURITY_ADMINISTRATOR,
                Capacity.AUDIT_ADMINISTRATOR,
                Capacity.DEPARTMENT_HEAD,
                Capacity.DEPUTY_DIRECTOR,
            }
        ),
    ),
    ("staff-offices", "上报单位", frozenset({Capacity.SYSTEM_ADMINISTRATOR})),
    ("staff-bodies", "鉴定机构", frozenset({Capacity.SYSTEM_ADMINISTRATOR})),
    ("staff-coverage", "收录情况", frozenset({Capacity.SYSTEM_ADMINISTRATOR})),
    ("staff-notices", "通知", frozenset({Capacity.SYSTEM_ADMINISTRATOR})),
    ("staff-verification", "核对", _PROVINCE),
    ("staff-profiles", "导入方案", frozenset({Capacity.PROVINCIAL_OPERATOR})),
    (
        "staff-incidents",
        "事件",
        frozenset(
            {
                Capacity.DEPARTMENT_HEAD,
                Capacity.DEPUTY_DIRECTOR,
                Capacity.SECURITY_ADMINISTRATOR,
                Capacity.AUDIT_ADMINISTRATOR,
            }
        ),
    ),
    (
        "staff-system",
        "系统与巡检",
        frozenset(
            {
                Capacity.NETWORK_ADMINISTRATOR,
                Capacity.DEPARTMENT_HEAD,
                Capacity.DEPUTY_DIRECTOR,
                Capacity.SYSTEM_ADMINISTRATOR,
                Capacity.SECURITY_ADMINISTRATOR,
                Capacity.AUDIT_ADMINISTRATOR,
            }
        ),
    ),
    (
        "staff-hazards",
        "安全隐患",
        frozenset(
            {
                Capacity.NETWORK_ADMINISTRATOR,
                Capacity.DEPARTMENT_HEAD,
                Capacity.DEPUTY_DIRECTOR,
                Capacity.KEEPER,
                Capacity.SYSTEM_ADMINISTRATOR,
                Capacity.SECURITY_ADMINISTRATOR,
                Capacity.AUDIT_ADMINISTRATOR,
            }
        ),
    ),
    ("staff-audit", "审计", frozenset({Capacity.AUDIT_ADMINISTRATOR})),
)
# More entries than fit beside each other: those used twice a month stay, the others fold up.
_FITS = 7
_ALWAYS_SHOWN = frozenset(
    {"staff-home", "staff-prechecks", "staff-batches", "staff-releases", "staff-backups", "staff-calendar"}
)


@dataclass(frozen=True, slots=True)
class NavigationItem:
    """One entry of the navigation."""

    url: str
    label: str
    current: bool
    folds: bool


@dataclass(frozen=True, slots=True)
class Staff:
    """The signed-in person, with the grants that hold now and the address of this request."""

    person: Person
    grants: tuple[CapacityGrant, ...]
    address: str

    @property
    def capacities(self) -> tuple[Capacity, ...]:
        """The capacities held now, each once, in the order of their grants."""
        return tuple(dict.fromkeys(Capacity(grant.capacity) for grant in self.grants))

    @property
    def office_codes(self) -> frozenset[str]:
        """The offices that city grants name."""
        return frozenset(grant.office_id for grant in self.grants if grant.office_id is not None)

    @property
    def is_provincial(self) -> bool:
        """Whether a grant reaches over all offices."""
        return any(grant.office_id is None for grant in self.grants)

    @property
    def title(self) -> str:
        """Name and capacities, as the head of the page shows them."""
        labels = "、".join(str(capacity.label) for capacity in self.capacities)
        return f"{self.person.name}（{labels or '暂无身份'}）"

    def holds(self, *capacities: Capacity) -> bool:
        """Whether one of these capacities is held now."""
        return any(capacity in self.capacities for capacity in capacities)

    def actor(self, capacity: Capacity | str = "") -> Actor:
        """`by` for an action in a capacity that the person holds, the only one by default. Raises PermissionDenied."""
        if capacity and capacity not in self.capacities:
            raise PermissionDenied
        if not capacity and len(self.capacities) == 1:
            capacity = self.capacities[0]
        return Actor(self.person, str(capacity), self.address)


class StaffRequest(HttpRequest):
    """A request that has passed staff_required."""

    staff: Staff


StaffView = Callable[..., HttpResponse]


def address_of(request: HttpRequest) -> str:
    """Where the request comes from, for the audit."""
    return client_address(cast("Mapping[str, str]", request.META))


def signed_in_person(request: HttpRequest) -> Person | None:
    """Who has shown both factors in this session, unless it is older than the absolute limit; such a session ends."""
    user = request.user
    if not isinstance(user, Person) or not user.is_active or not user.is_verified():  # type: ignore[attr-defined]
        return None
    if time.time() - request.session.get(SIGNED_IN_AT, 0) >= settings.SESSION_ABSOLUTE_AGE:
        request.session.flush()
        return None
    return user


def signed_in_at(request: HttpRequest) -> datetime:
    """When this session began."""
    return datetime.fromtimestamp(request.session[SIGNED_IN_AT], tz=UTC)


def staff_required(view: StaffView) -> StaffView:
    """Only for persons signed in with both factors, whose password isn't due; others are led there first."""
    return _for_staff(view, password_may_be_due=False)


def staff_with_any_password(view: StaffView) -> StaffView:
    """staff_required for the few pages that someone may use whose password is due: changing it, leaving, reporting a loss."""
    return _for_staff(view, password_may_be_due=True)


def _for_staff(view: StaffView, *, password_may_be_due: bool) -> StaffView:
    @wraps(view)
    def wrapped(request: HttpRequest, *args: object, **kwargs: object) -> HttpResponse:
        person = signed_in_person(request)
        if person is None:
            came_for = request.get_full_path() if request.method in {"GET", "HEAD"} else reverse("staff-home")
            return redirect_to_login(came_for, login_url=reverse("staff-login"))
        if not password_may_be_due and password_due(person, signed_in_at(request)) is not None:
            return redirect("staff-password")
        refuse_null_characters(request)
        grants = tuple(read_grants(person, timezone.now()))
        cast("StaffRequest", request).staff = Staff(person, grants, address_of(request))
        if not grants and not _is_for_anyone(request.path):
            record_refusal(request, person, "person_not_entitled")
            raise PermissionDenied
        try:
            return view(request, *args, **kwargs)
        except PermissionDenied:
            record_refusal(request, person, "person_not_entitled")
            raise
        except Http404:
            # What is another office's is as unknown as what isn't there; the audit knows who asked for it.
            record_refusal(request, person, "not_found")
            raise

    return wrapped


def _is_for_anyone(path: str) -> bool:
    """Whether somebody without any capacity may be there: on the first page, and at the own account."""
    return path == reverse("staff-home") or path.startswith(reverse("staff-account"))


def record_refusal(request: HttpRequest, person: Person, reason: str) -> None:
    """Note that a page was refused to someone who is signed in. Writes audit."""
    match = request.resolver_match
    asked = {name: str(value)[:40] for name, value in match.kwargs.items()} if match else {}
    record(
        by=Actor(person, address=address_of(request)),
        action="page.opened",
        subject_kind="page",
        subject_id=(match.view_name if match else "")[:40],
        outcome=Outcome.REFUSED,
        detail={"reason": reason, "method": request.method, **asked},
    )


def capacity_required(*capacities: Capacity) -> Callable[[StaffView], StaffView]:
    """staff_required, and one of these capacities; a refusal is recorded and answered with 403."""

    def decorate(view: StaffView) -> StaffView:
        @staff_required
        @wraps(view)
        def wrapped(request: StaffRequest, *args: object, **kwargs: object) -> HttpResponse:
            if not request.staff.holds(*capacities):
                raise PermissionDenied
            return view(request, *args, **kwargs)

        return wrapped

    return decorate


def posted_from(page: str) -> Callable[[StaffView], StaffView]:
    """Only for POST; whoever opens the address of an act (a reload, a bookmark) is led to the page that it belongs to.

    page is that page's name; its address takes the act's first argument.
    """

    def decorate(view: StaffView) -> StaffView:
        @wraps(view)
        def wrapped(request: HttpRequest, **kwargs: object) -> HttpResponse:
            if request.method in {"GET", "HEAD"}:
                return redirect(page, next(iter(kwargs.values())))
            return require_POST(view)(request, **kwargs)

        return wrapped

    return decorate


def refuse_null_characters(request: HttpRequest) -> None:
    """No browser sends one, and the database takes none. Raises BadRequest."""
    for sent in (request.GET, request.POST):
        if any("\0" in value for values in sent.lists() for value in values[1]):
            raise BadRequest("a null character")


def safe_next(request: HttpRequest) -> str:
    """The staff page that the visitor came for, or the staff home; never another site's address."""
    wanted = request.POST.get("next") or request.GET.get("next") or ""
    same_site = url_has_allowed_host_and_scheme(wanted, allowed_hosts=None)
    return wanted if same_site and wanted.startswith("/staff/") else reverse("staff-home")


def refresh_seconds(*, moving: bool, since: datetime) -> int:
    """In how many seconds a page that shows work in progress looks again by itself; 0: not at all."""
    return REFRESH_SECONDS if moving and timezone.now() - since < REFRESH_FOR else 0


def _navigation(path: str, staff: Staff) -> list[NavigationItem]:
    items = []
    for name, label, capacities in _NAVIGATION:
        if not capacities & set(staff.capacities) and capacities is not _EVERYONE:
            continue
        try:
            url = reverse(name)
        except NoReverseMatch:
            continue
        current = path == url if name == "staff-home" else path.startswith(url)
        items.append(NavigationItem(url, label, current, name not in _ALWAYS_SHOWN))
    return items


def render_staff(
    request: StaffRequest, template: str, context: Mapping[str, Any] | None = None, *, status: int = 200
) -> HttpResponse:
    """A staff page in its frame."""
    items = _navigation(request.path, request.staff)
    folded = [item for item in items if item.folds] if len(items) > _FITS else []
    frame = {
        "staff": request.staff,
        "staff_nav": [item for item in items if item not in folded],
        "staff_nav_folded": folded,
        "staff_nav_current": next((item for item in folded if item.current), None),
        "staff_person": request.staff.title,
        "staff_account_url": reverse("staff-account"),
        "staff_logout_url": reverse("staff-logout"),
    }
    return render_open(request, template, {**frame, **(context or {})}, status=status)


def render_open(
    request: HttpRequest, template: str, context: Mapping[str, Any] | None = None, *, status: int = 200
) -> HttpResponse:
    """A page of the staff site for someone who isn't signed in: no navigation."""
    return render(request, template, {"messages": get_messages(request), **(context or {})}, status=status)
