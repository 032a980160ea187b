"""What mails about invitations say, as things stand when they are sent (P-6); secret links come to be here."""

from __future__ import annotations

from typing import Any

from django.conf import settings
from django.urls import reverse

from accounts import clock, directory
from accounts.directory import Standing
from accounts.labels import roles_in_words
from accounts.models import Delivery, Invitation, InvitationLink, Person
from accounts.unguessable import digest_of, new_secret


def receiver_of(delivery: Delivery) -> Person | None:
    """Whom an invitation goes to, as letters address people, though nobody we know yet; None once it has ended."""
    invitation = _invitation(delivery)
    if invitation is None:
        return None
    return Person(
        email=invitation.email,
        name=invitation.name,
        language=invitation.language,
        timezone=invitation.organisation.timezone,
    )


def invited(delivery: Delivery, person: Person) -> dict[str, Any] | None:
    """What an invitation says, with a new link; a mail that is sent again after a crash has another, and both work."""
    invitation = _invitation(delivery)
    if invitation is None:
        return None
    key = new_secret()
    InvitationLink.objects.create(invitation=invitation, digest=digest_of(key), made_at=clock.now())
    link = f"{settings.PUBLIC_URL}{reverse('accounts:invitation', kwargs={'key': key})}"
    return {**_facts(invitation), "link": link}


def invited_elsewhere(delivery: Delivery, person: Person) -> dict[str, Any] | None:
    """What the owner of an account reads when another organisation invites their address."""
    invitation = _invitation(delivery)
    return {**_facts(invitation), "link": f"{settings.PUBLIC_URL}/"} if invitation else None


def accepted(delivery: Delivery, person: Person) -> dict[str, Any] | None:
    """What whoever invited reads about the new colleague, as long as they look after people."""
    joined = Person.objects.filter(pk=delivery.context["person"], organisation=person.organisation_id).first()
    if joined is None or "global_admin" not in person.role_names:
        return None
    page = reverse("accounts:people")
    return {"joined": joined, "link": f"{settings.PUBLIC_URL}{page}"}


def _invitation(delivery: Delivery) -> Invitation | None:
    """The invitation, unless it has ended, its inviter may no longer invite, or a newer mail replaces this one."""
    waiting = directory.every_waiting_invitation().select_related("organisation")
    found = waiting.filter(
        pk=delivery.context["invitation"], round=delivery.context["round"], organisation__is_active=True
    ).first()
    if found is None or directory.standing_of(found, now=clock.now()) != Standing.WAITING:
        return None
    return found


def _facts(invitation: Invitation) -> dict[str, Any]:
    return {
        "organisation": invitation.organisation,
        "inviter": invitation.invited_by,
        "roles": roles_in_words(invitation.roles),
        "until": invitation.expires_at,
    }
