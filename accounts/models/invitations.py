"""Invitations of people who have no account yet, and the secret links that accept them."""

from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.db.models import Q
from django.db.models.functions import Lower

from accounts.models.organisations import Organisation
from accounts.models.people import Person
from accounts.permissions import CUSTOMER_ROLES, STAFF_ROLES


class Invitation(models.Model):
    """An invitation to an organisation, or to the support staff, with the roles that come with it (RO-1, RO-3).

    Once it has ended it names nobody.

    `round` counts the mails that were asked for: a link of an earlier one counts no more.
    """

    class Outcome(models.TextChoices):
        """What became of it."""

        ACCEPTED = "accepted"
        WITHDRAWN = "withdrawn"

    organisation = models.ForeignKey(
        Organisation, null=True, blank=True, on_delete=models.PROTECT, related_name="+", help_text="none: of the staff"
    )
    email = models.EmailField(max_length=254, blank=True, help_text="blank once it has ended")
    name = models.CharField(max_length=120, blank=True, help_text="blank once it has ended")
    roles = ArrayField(models.CharField(max_length=30), default=list, blank=True)
    language = models.CharField(max_length=20, help_text="of the mail and the account: en or zh-hant")
    invited_by = models.ForeignKey(Person, on_delete=models.PROTECT, related_name="+")
    invited_at = models.DateTimeField()
    expires_at = models.DateTimeField()
    round = models.PositiveSmallIntegerField(default=1)
    ended_at = models.DateTimeField(null=True, blank=True)
    outcome = models.CharField(max_length=10, choices=Outcome, blank=True)
    person = models.ForeignKey(Person, null=True, blank=True, on_delete=models.PROTECT, related_name="+")

    class Meta:
        constraints = [
            models.UniqueConstraint(
                "organisation",
                Lower("email"),
                condition=Q(ended_at=None),
                nulls_distinct=False,
                name="one_waiting_invitation_per_address",
            ),
            models.CheckConstraint(
                condition=Q(ended_at=None, outcome="", person=None)
                | Q(ended_at__isnull=False, outcome="withdrawn", person=None, email="", name="")
                | Q(ended_at__isnull=False, outcome="accepted", person__isnull=False, email="", name=""),
                name="an_invitation_ends_once",
            ),
            models.CheckConstraint(
                condition=Q(organisation__isnull=False, roles__contained_by=list(CUSTOMER_ROLES))
                | Q(organisation=None, roles__contained_by=list(STAFF_ROLES)),
                name="invited_to_roles_of_the_house",
            ),
        ]
        indexes = [models.Index(fields=["organisation", "-id"], condition=Q(ended_at=None), name="invitations_waiting")]

    def __str__(self) -> str:
        return f"invitation {self.pk}"


class InvitationLink(models.Model):
    """One secret address at which an invitation can be accepted; only the SHA-256 of its secret is kept."""

    invitation = models.ForeignKey(Invitation, on_delete=models.CASCADE, related_name="links")
    digest = models.CharField(max_length=64, unique=True)
    made_at = models.DateTimeField()

    def __str__(self) -> str:
        return f"link of {self.invitation_id}"
