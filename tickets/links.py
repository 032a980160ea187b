"""Secret links that go out by mail about a request: 256 bits, made when the mail is sent, kept as a digest."""

from __future__ import annotations

from django.conf import settings
from django.urls import reverse

from accounts import clock
from accounts.models import Delivery, Person
from accounts.unguessable import digest_of, new_secret
from tickets.models import SurveyLink


def link_of(delivery: Delivery, person: Person) -> str:
    """The address that a notice leads to: the request's page, or a secret one in a mail that needs no sign-in."""
    if delivery.notice == "survey_asked" and delivery.channel == Delivery.Channel.MAIL:
        return survey_link(delivery.context["survey"], person)
    return f"{settings.PUBLIC_URL}/requests/{delivery.number}/"


def survey_link(survey_id: int, person: Person) -> str:
    """A new address where this person can answer (RO-4).

    A mail that is sent again after a crash has another one; all of them work until the survey is answered or expires.
    """
    key = new_secret()
    SurveyLink.objects.create(survey_id=survey_id, person=person, digest=digest_of(key), made_at=clock.now())
    return f"{settings.PUBLIC_URL}{reverse('tickets:survey', kwargs={'key': key})}"
