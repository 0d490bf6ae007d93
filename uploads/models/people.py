"""People: a staff number each, with or without an account, and the capacities they act in."""

from datetime import datetime, timedelta
from typing import ClassVar

from django.contrib.auth.base_user import AbstractBaseUser, BaseUserManager
from django.contrib.auth.hashers import check_password
from django.db import models
from django.db.models import F, OuterRef, Q
from django.db.models.functions import Now
from django.utils import timezone

from certificates.models import Office


class Capacity(models.TextChoices):
    """What a person acts as. The first two belong to an office, the others to the province."""

    CITY_OPERATOR = "city_operator", "市经办人"
    CITY_DIRECTOR = "city_director", "市鉴定中心主任"
    PROVINCIAL_OPERATOR = "provincial_operator", "省经办人"
    DEPARTMENT_HEAD = "department_head", "承办部门负责人"
    DEPUTY_DIRECTOR = "deputy_director", "分管领导"
    NETWORK_ADMINISTRATOR = "network_administrator", "网络管理专员"
    KEEPER = "keeper", "机要人员"
    SYSTEM_ADMINISTRATOR = "system_administrator", "系统管理员"
    SECURITY_ADMINISTRATOR = "security_administrator", "安全管理员"
    AUDIT_ADMINISTRATOR = "audit_administrator", "审计管理员"

    @property
    def belongs_to_an_office(self) -> bool:
        """Whether a grant of it names an office."""
        return self in {Capacity.CITY_OPERATOR, Capacity.CITY_DIRECTOR}

    @property
    def is_administrator(self) -> bool:
        """Whether it watches over the others: whoever holds it holds nothing else."""
        return self in {
            Capacity.SYSTEM_ADMINISTRATOR,
            Capacity.SECURITY_ADMINISTRATOR,
            Capacity.AUDIT_ADMINISTRATOR,
        }


class PersonState(models.TextChoices):
    NO_ACCOUNT = "no_account", "无账号"
    ACTIVE = "active", "在用"
    FROZEN = "frozen", "已冻结"


class PersonManager(BaseUserManager["Person"]):
    """Django's log-in looks a person up by staff number through get_by_natural_key."""


class Person(AbstractBaseUser):
    """A named person with a staff number; without an account he can only sign on paper."""

    staff_number = models.CharField(max_length=20, unique=True, db_collation="C")
    name = models.CharField(max_length=60)
    office = models.ForeignKey(Office, models.PROTECT, null=True, blank=True)
    phone = models.CharField(max_length=40, blank=True)
    state = models.CharField(max_length=12, choices=PersonState.choices, default=PersonState.NO_ACCOUNT)

    # A password is due when it is old, or when a change was ordered (uploads/people/passwords.py).
    password_set_at = models.DateTimeField(default=timezone.now, db_default=Now())
    password_change_ordered_at = models.DateTimeField(null=True, blank=True)
    # Told at the next login, so that the person notices a use by somebody else.
    recovery_code_used_at = models.DateTimeField(null=True, blank=True)

    USERNAME_FIELD = "staff_number"
    REQUIRED_FIELDS: ClassVar[list[str]] = ["name"]
    objects = PersonManager()

    class Meta:
        db_table = "person"
        ordering = ["staff_number"]
        constraints = [
            models.CheckConstraint(
                condition=Q(staff_number__regex=r"^[0-9A-Z-]{3,20}$"),
                name="staff_number_is_digits_and_capitals",
                violation_error_message="工号是 3 至 20 位的数字、大写字母或连字符。",
            )
        ]

    def __str__(self) -> str:
        return self.name

    @property
    def is_active(self) -> bool:  # type: ignore[override]
        """What Django asks before a log-in."""
        return self.state == PersonState.ACTIVE

    def check_password(self, raw_password: str | None) -> bool:
        """Whether this is the password. It isn't hashed anew at a login: the database's functions alone write it."""
        return check_password(raw_password, self.password)


class FormerPassword(models.Model):
    """The hash of a password that a person had before; the newest five are kept, so that none of them comes back."""

    person = models.ForeignKey(Person, models.CASCADE, related_name="former_passwords")
    password = models.CharField(max_length=128)
    replaced_at = models.DateTimeField()

    class Meta:
        db_table = "former_password"
        ordering = ["-id"]


class CapacityGrantQuerySet(models.QuerySet["CapacityGrant"]):
    def valid(self, at: datetime | OuterRef) -> "CapacityGrantQuerySet":
        """Grants that hold at that time, which may be a column of the query around."""
        return self.filter(Q(valid_to=None) | Q(valid_to__gt=at), valid_from__lte=at)


class CapacityGrant(models.Model):
    """A person may act in a capacity, for an office or for the province; a delegation lasts at most 30 days."""

    person = models.ForeignKey(Person, models.PROTECT, related_name="grants")
    capacity = models.CharField(max_length=24, choices=Capacity.choices)
    office = models.ForeignKey(Office, models.PROTECT, null=True)
    valid_from = models.DateTimeField()
    valid_to = models.DateTimeField(null=True)
    delegated_by = models.ForeignKey(Person, models.PROTECT, null=True, related_name="delegations")
    granted_by = models.ForeignKey(Person, models.PROTECT, null=True, related_name="grants_made")
    granted_at = models.DateTimeField()

    objects = CapacityGrantQuerySet.as_manager()

    class Meta:
        db_table = "capacity_grant"
        ordering = ["person_id", "id"]
        constraints = [
            models.CheckConstraint(
                condition=Q(capacity__in=["city_operator", "city_director"], office__isnull=False)
                | (~Q(capacity__in=["city_operator", "city_director"]) & Q(office=None)),
                name="grant_names_an_office_for_city_capacities_only",
            ),
            models.CheckConstraint(
                condition=Q(valid_to=None) | Q(valid_to__gte=F("valid_from")), name="grant_runs_forward"
            ),
            models.CheckConstraint(
                condition=Q(delegated_by=None)
                | Q(
                    capacity__in=[
                        "city_operator",
                        "city_director",
                        "provincial_operator",
                        "department_head",
                        "deputy_director",
                        "network_administrator",
                    ],
                    valid_to__lte=F("valid_from") + timedelta(days=30),
                ),
                name="delegation_lasts_thirty_days_at_most",
            ),
        ]

    def holds_at(self, at: datetime) -> bool:
        """What valid() asks of the database, of a grant that is read already."""
        return self.valid_from <= at and (self.valid_to is None or self.valid_to > at)
