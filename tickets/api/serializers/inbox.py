"""What the portal has told somebody, on the wire."""

from __future__ import annotations

from typing import Any

from rest_framework import serializers

from accounts.api.serializers import InputSerializer, InstantField
from tickets.api.serializers.shared import OptionalText
from tickets.selectors.notices import Told


class InboxFilters(InputSerializer):
    """Which notices."""

    unread = serializers.BooleanField(required=False, default=False, help_text="Only those that you have not read yet.")


class InboxNoticeOutput(serializers.Serializer[Told]):
    """One notice; its text is for people, on the page."""

    id = serializers.IntegerField(source="delivery.pk")
    notice = serializers.CharField(source="delivery.notice", help_text="What kind of notice it is.")
    number = OptionalText(source="delivery.number", help_text="Of the service request; null for what is about none.")
    headline = serializers.CharField(help_text="What it says in one line, in the language of the person.")
    at = InstantField(source="delivery.event.at")
    read_at = InstantField(source="delivery.read_at", allow_null=True)


class MarkedOutput(serializers.Serializer[Any]):
    """How many notices were new."""

    marked = serializers.IntegerField()
