"""What staff publish: the versions of the policy, each kept for ever as it was."""

from django.db import models
from django.db.models.functions import Now
from django.utils.translation import gettext_lazy as _


class PolicyVersion(models.Model):
    """One published policy document (SLA-1); a trigger refuses any later change, as with the record of events."""

    version = models.PositiveIntegerField(_("version"), unique=True)
    note = models.TextField(_("note"), blank=True)
    document = models.JSONField(_("document"))
    published_at = models.DateTimeField(_("published at"), db_default=Now())
    published_by = models.CharField(_("published by"), max_length=120, blank=True)  # a label: sla knows no people

    class Meta:
        verbose_name = _("policy version")
        verbose_name_plural = _("policy versions")
        ordering = ("-version",)
        constraints = [models.CheckConstraint(condition=models.Q(version__gte=1), name="sla_policyversion_positive")]

    def __str__(self) -> str:
        return f"{self.version}"
