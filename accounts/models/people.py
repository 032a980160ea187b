"""People who sign in, and the roles they hold."""

from __future__ import annotations

from datetime import datetime
from typing import Any, ClassVar

from django.contrib.auth.base_user import AbstractBaseUser, BaseUserManager
from django.contrib.auth.hashers import UNUSABLE_PASSWORD_PREFIX
from django.contrib.postgres.aggregates import ArrayAgg
from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.db.models import Q
from django.db.models.functions import Lower, Now

from accounts.models.organisations import Organisation, Team
from accounts.permissions import CUSTOMER_ROLES, STAFF_ROLES

PRINCIPALS_AT = "@service-principal.invalid"  # reserved by RFC 2606: no mail can ever get there


class PersonManager(BaseUserManager["Person"]):
    """Makes people, and reads them with their roles in one query."""

    def create_user(self, email: str, password: str | None = None, **fields: Any) -> Person:
        """Store a person with a hashed password; the address is kept in lower case."""
        person = self.model(email=email.strip().lower(), **fields)
        person.set_password(password)
        person.save(using=self._db)
        return person

    def get_by_natural_key(self, username: str | None) -> Person:
        """Find a person by mail address, whatever its case."""
        return self.get(email=(username or "").strip().lower())

    def with_roles(self) -> models.QuerySet[Person]:
        """People with `role_names` and their organisation, in one query."""
        return self.select_related("organisation").annotate(
            role_names=ArrayAgg(  # type: ignore[no-redef]  # Person declares it, for everybody who reads it
                "role_grants__role", filter=Q(role_grants__role__isnull=False), default=[], order_by="role_grants__role"
            )
        )


class Person(AbstractBaseUser):
    """Somebody who signs in: of a customer, of a partner, or (without an organisation) of the support staff.

    A row with `is_service` is nobody: a principal that the organisation's programs act as, by tokens only.
    """

    email = models.EmailField(max_length=254, unique=True)
    name = models.CharField(max_length=120)
    organisation = models.ForeignKey(
        Organisation,
        null=True,
        blank=True,
        on_delete=models.PROTECT,
        related_name="people",
        db_index=False,
    )
    is_staff = models.BooleanField(default=False, help_text="Works for the vendor's support")
    team = models.ForeignKey(Team, null=True, blank=True, on_delete=models.PROTECT, related_name="people")
    languages = ArrayField(models.CharField(max_length=20), default=list, blank=True, help_text="spoken, BCP 47")
    services = ArrayField(
        models.CharField(max_length=40),
        default=list,
        db_default=[],
        blank=True,
        help_text="known well; codes, of staff",
    )
    working_hours = models.JSONField(
        default=dict,
        db_default=models.Value({}, models.JSONField()),
        blank=True,
        help_text='{"0": [["09:00", "18:00"]], …} on the clocks of `timezone`, 0 is Monday; of staff',
    )
    language = models.CharField(max_length=20, default="en", help_text="of pages and mail: en or zh-hant")
    timezone = models.CharField(max_length=64, default="UTC", help_text="IANA name")
    phone = models.CharField(max_length=40, blank=True)
    portal_only = ArrayField(
        models.CharField(max_length=30),
        default=list,
        db_default=[],
        blank=True,
        help_text="families of notices that come without a mail",
    )
    is_active = models.BooleanField(default=True)
    is_service = models.BooleanField(
        default=False,
        db_default=False,
        help_text="a principal of the organisation's programs, which nobody signs in as",
    )
    email_confirmed_at = models.DateTimeField(null=True, blank=True)
    joined_at = models.DateTimeField(db_default=Now())
    erased_at = models.DateTimeField(null=True, blank=True, help_text="since when nothing here tells who it was")

    role_names: list[str]  # set by PersonManager.with_roles
    sign_on_enabled_at: datetime | None  # set by PersonBackend, for accounts.signing_in.sign_on_sessions
    sign_on_is_only_way: bool | None

    USERNAME_FIELD = "email"
    REQUIRED_FIELDS: ClassVar[list[str]] = ["name"]

    objects: ClassVar[PersonManager] = PersonManager()

    class Meta:
        constraints = [
            models.UniqueConstraint(Lower("email"), name="one_person_per_address"),
            models.CheckConstraint(
                condition=Q(is_staff=True, organisation=None) | Q(is_staff=False, organisation__isnull=False),
                name="staff_have_no_organisation",
            ),
            models.CheckConstraint(
                condition=Q(erased_at=None) | Q(is_active=False, phone=""), name="who_is_erased_stays_out"
            ),
            models.CheckConstraint(
                condition=Q(is_service=False)
                | Q(
                    organisation__isnull=False,
                    password__startswith=UNUSABLE_PASSWORD_PREFIX,
                    email__endswith=PRINCIPALS_AT,
                    email_confirmed_at=None,
                ),
                name="nobody_signs_in_as_a_principal",
            ),
            models.CheckConstraint(
                condition=Q(is_service=True) | ~Q(email__endswith=PRINCIPALS_AT), name="people_have_real_addresses"
            ),
        ]
        indexes = [
            models.Index(fields=["organisation", "name", "id"], name="people_by_name"),
            models.Index(fields=["name", "id"], condition=Q(is_staff=True), name="staff_by_name"),
        ]

    def __str__(self) -> str:
        return self.name

    def get_full_name(self) -> str:
        """The name as the person writes it."""
        return self.name


class RoleGrant(models.Model):
    """One role of one person (RO-1, RO-3); a person may hold several."""

    person = models.ForeignKey(Person, on_delete=models.CASCADE, related_name="role_grants", db_index=False)
    role = models.CharField(max_length=30)
    granted_by = models.ForeignKey(Person, null=True, blank=True, on_delete=models.PROTECT, related_name="+")
    granted_at = models.DateTimeField(db_default=Now())
    by_claim = models.BooleanField(
        default=False, db_default=False, help_text="given by the claims of a single sign-on, and taken by them"
    )

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["person", "role"], name="a_role_is_held_once"),
            models.CheckConstraint(condition=Q(role__in=[*CUSTOMER_ROLES, *STAFF_ROLES]), name="role_is_known"),
        ]

    def __str__(self) -> str:
        return f"{self.person_id} {self.role}"
