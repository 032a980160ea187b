"""Mail domains that organisations prove to be theirs."""

from django.db import models
from django.db.models import Q
from django.db.models.functions import Lower, Now

from accounts.models.organisations import Organisation
from accounts.models.people import Person


class DomainState(models.TextChoices):
    """How far a domain has come."""

    WAITING = "waiting"
    CONFIRMED = "confirmed"
    REMOVED = "removed"


class MailDomain(models.Model):
    """A domain that an organisation calls its own; one organisation at most has it confirmed.

    Several may wait for the same one, and none of them learns of the others. Removed rows stay, as history.
    """

    organisation = models.ForeignKey(Organisation, on_delete=models.PROTECT, related_name="mail_domains")
    name = models.CharField(max_length=253, help_text="lower case, international letters as xn--…")
    state = models.CharField(max_length=10, choices=DomainState, default=DomainState.WAITING)
    added_by = models.ForeignKey(Person, on_delete=models.PROTECT, related_name="+")
    added_at = models.DateTimeField(db_default=Now())
    asked_at = models.DateTimeField(null=True, blank=True, help_text="when the last mail with a link was asked for")
    confirmed_by = models.ForeignKey(Person, null=True, blank=True, on_delete=models.PROTECT, related_name="+")
    confirmed_at = models.DateTimeField(null=True, blank=True)
    removed_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["name"], condition=Q(state="confirmed"), name="a_domain_is_confirmed_by_one_organisation"
            ),
            models.UniqueConstraint(
                fields=["organisation", "name"], condition=~Q(state="removed"), name="a_domain_stands_once"
            ),
            models.CheckConstraint(condition=Q(name=Lower("name")), name="a_domain_is_lower_case"),
            models.CheckConstraint(
                condition=Q(state="waiting", confirmed_at=None, removed_at=None)
                | Q(state="confirmed", confirmed_at__isnull=False, removed_at=None)
                | Q(state="removed", removed_at__isnull=False),
                name="a_domain_has_the_instants_of_its_state",
            ),
        ]

    def __str__(self) -> str:
        return self.name


class DomainLink(models.Model):
    """The secret of one mail to a mailbox of a domain; a repeat has another, and both work."""

    domain = models.ForeignKey(MailDomain, on_delete=models.CASCADE, related_name="links")
    digest = models.CharField(max_length=64, unique=True)
    made_at = models.DateTimeField(db_default=Now())
    expires_at = models.DateTimeField()

    def __str__(self) -> str:
        return f"{self.domain_id} until {self.expires_at:%Y-%m-%d}"
