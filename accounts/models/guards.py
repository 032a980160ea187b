"""Tokens of programs, keys of retried calls, and counters of rate limits."""

from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.db.models.functions import Now

from accounts.models.organisations import Organisation
from accounts.models.people import Person


class ApiToken(models.Model):
    """A bearer token of one person for one organisation; only the SHA-256 of its secret is kept."""

    person = models.ForeignKey(Person, on_delete=models.CASCADE, related_name="tokens")
    organisation = models.ForeignKey(
        Organisation, null=True, blank=True, on_delete=models.CASCADE, related_name="+", db_index=False
    )
    name = models.CharField(max_length=120)
    prefix = models.CharField(max_length=12, help_text="first characters, to recognise it by")
    digest = models.CharField(max_length=64, unique=True)
    scopes = ArrayField(models.CharField(max_length=30))
    created_at = models.DateTimeField(db_default=Now())
    expires_at = models.DateTimeField()
    last_used_at = models.DateTimeField(null=True, blank=True)
    revoked_at = models.DateTimeField(null=True, blank=True)
    made_with = models.ForeignKey("self", null=True, blank=True, on_delete=models.SET_NULL, related_name="+")

    class Meta:
        constraints = [models.UniqueConstraint(fields=["organisation", "id"], name="token_of_organisation")]

    def __str__(self) -> str:
        return f"{self.prefix}… {self.name}"


class IdempotencyKey(models.Model):
    """The stored answer to one keyed POST of one person for one organisation (P-2)."""

    person = models.ForeignKey(Person, on_delete=models.CASCADE, related_name="+", db_index=False)
    organisation = models.ForeignKey(Organisation, null=True, on_delete=models.CASCADE, related_name="+")
    key = models.CharField(max_length=64)
    method = models.CharField(max_length=8)
    path = models.CharField(max_length=400)
    body_digest = models.CharField(max_length=64)
    status = models.PositiveSmallIntegerField()
    headers = models.JSONField(default=dict)
    body = models.TextField()
    created_at = models.DateTimeField(db_default=Now(), db_index=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["person", "organisation", "key"], name="an_idempotency_key_once", nulls_distinct=False
            ),
        ]

    def __str__(self) -> str:
        return self.key


class RateCount(models.Model):
    """How often something happened in one window of time, counted atomically."""

    bucket = models.CharField(max_length=120)
    window_at = models.DateTimeField(db_index=True)
    count = models.PositiveIntegerField(default=0)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["bucket", "window_at"], name="a_rate_window_once")]

    def __str__(self) -> str:
        return f"{self.bucket} {self.count}"
