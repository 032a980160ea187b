"""Policies in the making."""

from django.conf import settings
from django.db import models

from sla.models import PolicyVersion


class PolicyDraft(models.Model):
    """A policy that its authors are still writing: the text as it was typed, sound or not, so that nothing is lost.

    `version` counts the savings; who saves names the one that they read. `what_if` is what the draft of
    `reviewed_version` would have changed; a draft that changed since has to be looked at again.
    """

    name = models.CharField(max_length=80)
    text = models.TextField()
    base = models.ForeignKey(PolicyVersion, to_field="version", on_delete=models.PROTECT, related_name="+")
    version = models.PositiveIntegerField(default=1)
    created_by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+")
    changed_by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+")
    created_at = models.DateTimeField()
    changed_at = models.DateTimeField()
    what_if = models.JSONField(null=True, blank=True)
    reviewed_version = models.PositiveIntegerField(null=True, blank=True)

    def __str__(self) -> str:
        return self.name
