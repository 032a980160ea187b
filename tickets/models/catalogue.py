"""The catalogue of services and topics (TE-3)."""

from django.db import models


class Service(models.Model):
    """A service of the suite that requests are about."""

    code = models.SlugField(max_length=40, unique=True)
    names = models.JSONField(help_text='{"en": …, "zh-Hant": …}')
    position = models.PositiveSmallIntegerField(default=0)
    is_active = models.BooleanField(default=True)

    class Meta:
        ordering = ("position", "pk")

    def __str__(self) -> str:
        return self.code


class Topic(models.Model):
    """A topic of one category, of one service or (without) of any (TE-1, TE-2, TE-4, BI-1, PS-1, EL-1)."""

    code = models.SlugField(max_length=60, unique=True)
    service = models.ForeignKey(Service, null=True, blank=True, on_delete=models.PROTECT, related_name="topics")
    category = models.CharField(max_length=40)
    names = models.JSONField(help_text='{"en": …, "zh-Hant": …}')
    descriptions = models.JSONField(default=dict, blank=True)
    position = models.PositiveSmallIntegerField(default=0)
    is_active = models.BooleanField(default=True)

    class Meta:
        ordering = ("position", "pk")

    def __str__(self) -> str:
        return self.code
