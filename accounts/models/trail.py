"""What stands beside the audit trail: personal values that can be erased, seals, and who is sent the day's head."""

from django.db import models
from django.db.models import Q
from django.db.models.functions import Now

from accounts.models.audit import Event
from accounts.models.organisations import Organisation
from accounts.models.people import Person


class PersonalValue(models.Model):
    """The clear form of a salted hash that events hold; erased with its person, and the events stay (P-10).

    Kept for each person: the address of an office is a value of everybody who works there. Without a person it is
    where nobody was signed in.
    """

    class Kind(models.TextChoices):
        """What sort of value it is."""

        ADDRESS = "address"
        MAIL = "mail"
        NAME = "name"
        PHONE = "phone"

    person = models.ForeignKey(Person, null=True, blank=True, on_delete=models.CASCADE, related_name="+")
    kind = models.CharField(max_length=10, choices=Kind)
    stand_in = models.CharField(max_length=32, help_text="the salted hash that events hold")
    value = models.CharField(max_length=254)
    kept_at = models.DateTimeField(db_default=Now())

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["stand_in", "person"], name="a_personal_value_once_for_each", nulls_distinct=False
            ),
        ]
        indexes = [models.Index(fields=["kept_at"], name="personal_value_by_age")]

    def __str__(self) -> str:
        return f"{self.kind} {self.stand_in}"


DESK = 0  # the chain of events of no organisation, and of those that are not for customers


class Seal(models.Model):
    """The place of one event in its hash chain (P-10); insert-only, like the events (docs/audit.md).

    `chain` is the id of an organisation, or DESK. An event is sealed once, in the order of sealing and not of ids: they
    commit out of order. The salt keeps what is guessable from being guessed from its hash.
    """

    event = models.OneToOneField(Event, primary_key=True, on_delete=models.PROTECT, related_name="seal")
    chain = models.BigIntegerField()
    sequence = models.BigIntegerField()
    salt = models.CharField(max_length=32)
    hash = models.CharField(max_length=64)
    sealed_at = models.DateTimeField(db_default=Now())

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["chain", "sequence"], name="a_place_in_a_chain_once"),
            models.CheckConstraint(condition=Q(sequence__gte=1), name="chains_begin_with_one"),
        ]

    def __str__(self) -> str:
        return f"{self.chain}:{self.sequence}"


class UnsealedEvent(models.Model):
    """An event that waits for its seal. A trigger writes it with the event, so that none can be overlooked."""

    event_id = models.BigIntegerField(primary_key=True)
    chain = models.BigIntegerField()
    queued_at = models.DateTimeField(db_default=Now())

    def __str__(self) -> str:
        return str(self.event_id)


class HeadSubscription(models.Model):
    """Somebody who is mailed the head of a chain once a UTC day; None is the desk's own chain."""

    person = models.ForeignKey(Person, on_delete=models.CASCADE, related_name="+", db_index=False)
    organisation = models.ForeignKey(Organisation, null=True, blank=True, on_delete=models.PROTECT, related_name="+")
    since = models.DateTimeField(db_default=Now())

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["person", "organisation"], name="a_head_is_mailed_once", nulls_distinct=False
            ),
        ]

    def __str__(self) -> str:
        return f"{self.person_id} {self.organisation_id}"


class MailedHead(models.Model):
    """The last UTC day on which the head of a chain was mailed."""

    chain = models.BigIntegerField(primary_key=True)
    day = models.DateField()
    sequence = models.BigIntegerField()

    def __str__(self) -> str:
        return f"{self.chain} {self.day}"
