"""What mails about invitations say, as things stand when they are sent (P-6); secret links come to be here."""

from __future__ import annotations

from typing import Any

from django.conf import settings
from django.db.models import Q
from django.urls import reverse

from accounts import clock
from accounts.labels import OUR_STAFF, roles_in_words
from accounts.models import Delivery, Invitation, InvitationLink, Person
from accounts.permissions import ACTS
from accounts.selectors import directory
from accounts.selectors.directory import Standing
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
        timezone=(invitation.organisation or invitation.invited_by).timezone,
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
    joined = Person.objects.filter(pk=delivery.context["person"]).select_related("organisation").first()
    if joined is None:
        return None
    page = _page_of(joined, person)
    return {"joined": joined, "link": f"{settings.PUBLIC_URL}{page}"} if page else None


def _page_of(joined: Person, reader: Person) -> str:
    """Where the reader looks after somebody; nothing for whoever does not, any more."""
    roles = set(reader.role_names)
    if not reader.is_staff:
        theirs = joined.organisation_id == reader.organisation_id and "global_admin" in roles
        return reverse("accounts:people") if theirs else ""
    if joined.organisation is None:
        return reverse("accounts:staff_member", args=[joined.pk]) if roles & ACTS["manage_staff"] else ""
    served = roles & ACTS["manage_organisations"]
    return reverse("accounts:desk_organisation", args=[joined.organisation.slug]) if served else ""


def _invitation(delivery: Delivery) -> Invitation | None:
    """The invitation, unless it has ended, its inviter may no longer invite, or a newer mail replaces this one."""
    open_house = Q(organisation=None) | Q(organisation__is_active=True)
    waiting = directory.every_waiting_invitation().select_related("organisation").filter(open_house)
    found = waiting.filter(pk=delivery.context["invitation"], round=delivery.context["round"]).first()
    if found is None or directory.standing_of(found, now=clock.now()) != Standing.WAITING:
        return None
    return found


def _facts(invitation: Invitation) -> dict[str, Any]:
    return {
        "host": invitation.organisation.name if invitation.organisation else str(OUR_STAFF),
        "inviter": invitation.invited_by,
        "roles": roles_in_words(invitation.roles),
        "until": invitation.expires_at,
    }
