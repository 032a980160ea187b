"""Single sign-on: the issuer of an organisation, what its claims give, and who signs in through it."""

from django.db import models
from django.db.models import Q
from django.db.models.functions import Now

from accounts.models.organisations import Organisation
from accounts.models.people import Person
from accounts.permissions import CUSTOMER_ROLES


class SingleSignOn(models.Model):
    """How the people of one organisation sign in through its own OpenID Connect issuer.

    It is on while `enabled_at` stands; the instant tells one time that it was on from the next, so that what was begun
    under the one counts for nothing under the other.
    """

    organisation = models.OneToOneField(Organisation, on_delete=models.PROTECT, related_name="single_sign_on")
    callback_key = models.CharField(max_length=43, unique=True, help_text="part of its own redirect address")
    issuer = models.CharField(max_length=500)
    client_id = models.CharField(max_length=255)
    sealed_secret = models.TextField(help_text="encrypted under SINGLE_SIGN_ON_KEY")
    address_claim = models.CharField(max_length=100, default="email", help_text="claim with the mail address")
    trusts_address = models.BooleanField(default=False, help_text="without asking for email_verified")
    roles_claim = models.CharField(max_length=100, blank=True, help_text="claim whose values give roles")
    creates_people = models.BooleanField(default=False, help_text="who has no account gets one at the first sign-in")
    is_only_way = models.BooleanField(default=False, help_text="passwords do not count, but for global admins")
    trusts_second_factor = models.BooleanField(default=False, help_text="our own second factor is not asked for")
    version = models.PositiveIntegerField(default=1)
    tested_at = models.DateTimeField(null=True, blank=True, help_text="of the connection as it stands")
    enabled_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        constraints = [
            models.CheckConstraint(
                condition=Q(enabled_at=None) | (Q(tested_at__isnull=False) & ~Q(sealed_secret="")),
                name="what_is_on_was_tested",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.organisation_id} {self.issuer}"


class RoleMapping(models.Model):
    """A role that everybody has whose claim holds this value (RO-1)."""

    sign_on = models.ForeignKey(SingleSignOn, on_delete=models.CASCADE, related_name="mappings", db_index=False)
    value = models.CharField(max_length=200)
    role = models.CharField(max_length=30)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["sign_on", "value", "role"], name="a_claim_gives_a_role_once"),
            models.CheckConstraint(condition=Q(role__in=CUSTOMER_ROLES), name="a_claim_gives_a_known_role"),
        ]

    def __str__(self) -> str:
        return f"{self.value} → {self.role}"


class SignOnIdentity(models.Model):
    """Who a person is to an issuer: bound at their first sign-in, and from then on what counts."""

    organisation = models.ForeignKey(Organisation, on_delete=models.PROTECT, related_name="+", db_index=False)
    person = models.ForeignKey(Person, on_delete=models.CASCADE, related_name="sign_on_identities", db_index=False)
    issuer = models.CharField(max_length=500)
    subject = models.CharField(max_length=255)
    bound_at = models.DateTimeField(db_default=Now())
    used_at = models.DateTimeField(db_default=Now())

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["organisation", "issuer", "subject"], name="a_subject_is_one_person"),
            models.UniqueConstraint(fields=["person", "issuer"], name="a_person_is_one_subject"),
        ]
        indexes = [models.Index(fields=["organisation", "issuer", "-used_at", "-id"], name="identity_by_use")]

    def __str__(self) -> str:
        return f"{self.person_id} at {self.issuer}"
