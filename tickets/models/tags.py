"""The desk's tags, and which requests carry them; customers see neither."""

from __future__ import annotations

from django.db import models
from django.db.models import Q

from accounts.models import Organisation

NAME_LIMIT, KEY_LIMIT = 40, 160  # folding a letter makes three of it at most, and composing them none more


class Tag(models.Model):
    """One word of the desk's own list; `key` is its name without differences of case and width.

    Requests hold the row, not the name, so that they follow when it is renamed. What they carry is archived rather
    than removed.
    """

    class Colour(models.TextChoices):
        """What a tag looks like; its name tells what it means."""

        PURPLE = "purple"
        BLUE = "blue"
        GREEN = "green"
        AMBER = "amber"
        RED = "red"

    name = models.CharField(max_length=NAME_LIMIT)
    key = models.CharField(max_length=KEY_LIMIT)
    colour = models.CharField(max_length=8, choices=Colour, blank=True, help_text="empty for none")
    archived_at = models.DateTimeField(null=True, blank=True, help_text="since when no request is given it any more")
    version = models.PositiveIntegerField(default=1)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["key"], name="tags_differ_by_more_than_case"),
            models.CheckConstraint(condition=~Q(name="") & ~Q(name__contains=","), name="a_tag_has_a_name"),
            models.CheckConstraint(
                condition=Q(colour__in=["", "purple", "blue", "green", "amber", "red"]), name="a_tag_of_the_palette"
            ),
        ]

    def __str__(self) -> str:
        return self.name


class RequestTag(models.Model):
    """That a request carries a tag. Who gave or took it, and when, is in the request's events."""

    organisation = models.ForeignKey(Organisation, on_delete=models.PROTECT, related_name="+", db_index=False)
    request = models.ForeignKey("tickets.ServiceRequest", on_delete=models.PROTECT, related_name="+", db_index=False)
    tag = models.ForeignKey(Tag, on_delete=models.PROTECT, related_name="+", db_index=False)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["request", "tag"], name="a_tag_once_on_a_request")]
        indexes = [models.Index(fields=["tag", "request"], name="requests_of_tag")]

    def __str__(self) -> str:
        return f"{self.request_id} {self.tag_id}"
