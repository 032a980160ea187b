"""Erasure covers every table: a new column about people without a decision fails here (right to erasure)."""

from __future__ import annotations

import re
from collections.abc import Iterator
from datetime import timedelta
from typing import Any

import pytest
from allauth.account.models import EmailAddress
from allauth.mfa.models import Authenticator
from django.apps import apps
from django.db import IntegrityError, models, transaction

from accounts import clock
from accounts.models import (
    ApiToken,
    DelegationAssignment,
    Delivery,
    HeadSubscription,
    IdempotencyKey,
    Invitation,
    KnownBrowser,
    MailChange,
    Person,
    PersonalValue,
    PersonSession,
    RoleGrant,
    SignOnIdentity,
)
from sla.models import PolicyVersion
from sla.policy import DEFAULT_POLICY
from tests import factories
from tests.journeys.poison import written_columns
from tests.tickets import making
from tickets.models import ServiceRequest, Survey, SurveyLink
from tickets.services.erasure import erase_person
from tickets.services.policies import publish_policy

ACTED = "what somebody did stays on record, as that of a former colleague"
# Columns that name a person whose rows outlive them, and why: all others go with the person (CASCADE).
STAYS_WITH_THE_PERSON_ROW = {
    "accounts.CalendarVersion.created_by": ACTED,
    "accounts.Delegation.granted_by": ACTED,
    "accounts.DelegationAsk.asked_by": ACTED,
    "accounts.DelegationAsk.settled_by": ACTED,
    "accounts.DelegationAssignment.assigned_by": ACTED,
    "accounts.Delivery.person": "that something was sent; what it said is emptied",
    "accounts.DutyPattern.created_by": ACTED,
    "accounts.DutyPattern.person": "who was on duty",
    "accounts.DutyShift.person": "who was on duty",
    "accounts.ElevatedContract.account_manager": "who looked after whom",
    "accounts.Event.actor": ACTED,
    "accounts.Invitation.invited_by": ACTED,
    "accounts.Invitation.person": "the invitation itself names nobody once it has ended",
    "accounts.MailDomain.added_by": ACTED,
    "accounts.MailDomain.confirmed_by": ACTED,
    "accounts.RoleGrant.granted_by": ACTED,
    "accounts.WebhookEndpoint.created_by": ACTED,
    "selfhelp.Deflection.person": "a judgement of an article, counted",
    "tickets.Attachment.uploaded_by": ACTED,
    "tickets.Correction.actor": ACTED,
    "tickets.Engagement.lead": ACTED,
    "tickets.Engagement.requested_by": ACTED,
    "tickets.EngagementEntry.author": ACTED,
    "tickets.EngagementRequest.linked_by": ACTED,
    "tickets.Escalation.asked_by": ACTED,
    "tickets.Incident.declared_by": ACTED,
    "tickets.IncidentUpdate.author": ACTED,
    "tickets.Message.author": ACTED,
    "tickets.PolicyDraft.changed_by": ACTED,
    "tickets.PolicyDraft.created_by": ACTED,
    "tickets.ServiceRequest.assignee": ACTED,
    "tickets.ServiceRequest.opened_by": ACTED,
    "tickets.ServiceRequest.primary_contact": ACTED,
    "tickets.SeverityDecision.actor": ACTED,
    "tickets.SeverityDispute.asked_by": ACTED,
    "tickets.SeverityDispute.settled_by": ACTED,
    "tickets.Survey.answered_by": ACTED,
    "tickets.TranslatorRequest.arranged_by": ACTED,
    "tickets.TranslatorRequest.requested_by": ACTED,
}
# Columns whose values tell who somebody was: each holds a canary in `leaver`, and none afterwards.
GOES = frozenset(
    {
        "account.EmailAddress.email",
        "accounts.ApiToken.name",
        "accounts.Delivery.context",
        "accounts.Delivery.last_error",
        "accounts.IdempotencyKey.body",
        "accounts.Invitation.email",
        "accounts.Invitation.name",
        "accounts.KnownBrowser.address",
        "accounts.KnownBrowser.user_agent",
        "accounts.MailChange.new_email",
        "accounts.MailChange.old_email",
        "accounts.Person.email",
        "accounts.Person.name",
        "accounts.Person.phone",
        "accounts.PersonSession.address",
        "accounts.PersonSession.session_data",
        "accounts.PersonSession.user_agent",
        "accounts.PersonalValue.value",
        "accounts.SignOnIdentity.issuer",
        "accounts.SignOnIdentity.subject",
        "mfa.Authenticator.data",
        "sla.PolicyVersion.published_by",
        "tickets.ServiceRequest.contact_phone",
    }
)
# Columns that look personal, or hold what people wrote, and are left as they are.
OF_THE_ORGANISATION = (
    "accounts.Organisation.name accounts.Organisation.phone accounts.CalendarVersion.own_days "
    "accounts.CalendarVersion.note accounts.MailDomain.name accounts.SingleSignOn.issuer "
    "accounts.SingleSignOn.address_claim accounts.SingleSignOn.roles_claim accounts.RoleMapping.value "
    "accounts.DelegationAsk.addressed_to accounts.DelegationAsk.reason accounts.DelegationAsk.answer "
    "accounts.WebhookEndpoint.description accounts.WebhookAttempt.answer"  # of its server, and goes by retention
)
PUBLISHED = (
    "accounts.Team.names accounts.Plan.names sla.PolicyVersion.note selfhelp.PhoneNumber.names "
    "selfhelp.SupportLanguage.names selfhelp.Article.titles selfhelp.Article.summaries selfhelp.Article.bodies "
    "tickets.Incident.title tickets.IncidentUpdate.body "
    "tickets.Tag.name tickets.Service.names tickets.Topic.names tickets.Topic.descriptions"
)
WRITTEN_AT_WORK = (  # belongs to the organisation, and goes by retention
    "tickets.ServiceRequest.subject tickets.Message.body tickets.Attachment.name tickets.Correction.note "
    "tickets.SeverityDecision.reason tickets.SeverityDispute.statement tickets.SeverityDispute.reason "
    "tickets.Engagement.subject tickets.Engagement.place tickets.EngagementEntry.body tickets.Escalation.justification "
    "tickets.PolicyDraft.name tickets.PolicyDraft.text tickets.Survey.comment tickets.TranslatorRequest.wish "
    "tickets.TranslatorRequest.note tickets.TranslatorRequest.interpreter"  # who is nobody of the portal's
)
CODES = (  # codes, hashes, and the words of the frameworks
    "accounts.Event.address accounts.Event.data accounts.IdempotencyKey.body_digest "
    "tickets.ServiceRequest.users_affected tickets.ServiceRequest.contact_method "
    "tickets.ServiceRequest.contact_timezone tickets.ServiceRequest.contact_country "
    "auth.Permission.name auth.Permission.codename auth.Group.name"
)
STAYS = frozenset(f"{OF_THE_ORGANISATION} {PUBLISHED} {WRITTEN_AT_WORK} {CODES}".split())
SUSPECT = re.compile("name|mail|phone|address|agent|contact|publish|interpreter|subject|context|error|user|data|body")
MAIL, NAME, OTHER = "canary@example.com", "Canary Chen", "canary 4711"


def test_every_column_that_names_a_person_goes_with_them_or_has_a_reason_to_stay() -> None:
    """Right to erasure: a foreign key that is new stands in the list, or its rows go."""
    to_people = [
        (field, f"{model._meta.label}.{field.name}")
        for model in apps.get_models()
        for field in model._meta.local_fields
        if field.related_model is Person
    ]
    keep = {name for field, name in to_people if field.remote_field.on_delete is not models.CASCADE}

    assert keep == set(STAYS_WITH_THE_PERSON_ROW)


def test_every_column_that_may_tell_who_somebody_is_is_decided_about() -> None:
    """Right to erasure: mail addresses, names, phone numbers, devices, and all that people write."""
    found = set(personal_columns())

    assert found - GOES - STAYS == set()
    assert (GOES | STAYS) - found == set()
    assert not GOES & STAYS


def personal_columns() -> Iterator[str]:
    written = {(model, field.name) for model, field in written_columns()}
    texts = (models.CharField, models.TextField, models.JSONField, models.GenericIPAddressField)
    for model in apps.get_models():
        for field in model._meta.local_fields:
            suspected = SUSPECT.search(field.name) or isinstance(field, models.EmailField)
            if isinstance(field, texts) and (suspected or (model, field.name) in written):
                yield f"{model._meta.label}.{field.name}"


@pytest.fixture
def leaver(organisation: Any) -> Person:
    """Somebody of whom there is a row in every table that can hold one."""
    person = factories.make_person(organisation, "global_admin", name=NAME, email=MAIL, phone=OTHER)
    making.filed(factories.actor(person))
    factories.make_token(person, name=OTHER)
    factories.browser_of(person)
    now, hers = clock.now(), {"person": person}
    wish: dict[str, Any] = {"old_email": MAIL, "new_email": f"new.{MAIL}", "requested_at": now}
    MailChange.objects.create(person=person, expires_at=now + timedelta(days=1), **wish)
    SignOnIdentity.objects.create(organisation=organisation, issuer=OTHER, subject=OTHER, **hers)
    PersonalValue.objects.create(kind="mail", stand_in="x", value=MAIL, **hers)
    HeadSubscription.objects.create(organisation=organisation, **hers)
    keyed: dict[str, Any] = {"key": "k", "method": "POST", "path": "/", "body_digest": "", "status": 201}
    IdempotencyKey.objects.create(organisation=organisation, body=NAME, **keyed, **hers)
    invited: dict[str, Any] = {"email": MAIL, "name": NAME, "language": "en", "invited_by": person}
    Invitation.objects.create(organisation=organisation, invited_at=now, expires_at=now, **invited)
    KnownBrowser.objects.create(digest="d", user_agent=OTHER, address="203.0.113.77", **hers)
    EmailAddress.objects.create(user=person, email=MAIL)
    Authenticator.objects.create(user=person, type="webauthn", data={"name": OTHER})
    PersonSession.objects.update(user_agent=OTHER, address="203.0.113.77", session_data=OTHER)
    Delivery.objects.filter(person=person).update(context={"name": NAME}, last_error=f"to {MAIL}")
    ServiceRequest.objects.update(contact_phone=OTHER)
    return person


def test_nothing_of_it_is_left(leaver: Person, organisation: Any) -> None:
    """Right to erasure: every column that goes held something before, so that none is passed over."""
    lead = factories.make_staff("team_lead", name="Canary Lead")
    document = {**DEFAULT_POLICY, "version": 2}
    publish_policy(document=document, label=lead.name, actor=factories.actor(lead))
    assert {column for column in GOES if canaries_in(column)} == GOES
    Person.objects.filter(pk__in=[leaver.pk, lead.pk]).update(is_active=False)

    for person in (leaver, lead):
        erase_person(person_id=person.pk)

    assert {column: canaries_in(column) for column in GOES if canaries_in(column)} == {}
    own = [RoleGrant, ApiToken, PersonSession, SignOnIdentity, MailChange, PersonalValue, HeadSubscription]
    assert [model.__name__ for model in own if model._default_manager.filter(person=leaver).exists()] == []
    assert PolicyVersion.objects.get(version=2).document == document


def canaries_in(column: str) -> list[str]:
    label, _, name = column.rpartition(".")
    values = apps.get_model(label)._default_manager.values_list(name, flat=True)
    return [str(value) for value in values if re.search("canary|203.0.113.77", str(value), re.IGNORECASE)]


def test_links_and_duties_of_the_person_go_too(organisation: Any) -> None:
    """Right to erasure, PA-1: what hangs on a person by a second table."""
    partner = factories.make_partner()
    helper = factories.make_person(partner, "service_support_admin")
    granted = factories.make_delegation(organisation, partner, for_everybody=False)
    boss = factories.make_person(partner, "global_admin")
    DelegationAssignment.objects.create(delegation=granted, person=helper, duties=["reader"], assigned_by=boss)
    admin = factories.make_person(organisation, "global_admin")
    row = making.filed(factories.actor(admin))
    now, asked = clock.now(), {"cycle": 1, "severity": "A", "resolution": "solved"}
    survey = Survey.objects.create(
        organisation=organisation, request=row, asked_at=now, expires_at=now + timedelta(days=14), **asked
    )
    SurveyLink.objects.create(survey=survey, person=helper, digest="d", made_at=now)
    Person.objects.filter(pk=helper.pk).update(is_active=False)

    erase_person(person_id=helper.pk)

    assert (DelegationAssignment.objects.count(), SurveyLink.objects.count()) == (0, 0)


def test_of_a_policy_version_nothing_but_the_name_of_its_publisher_can_be_blanked(db: None) -> None:
    """SLA-1, P-10"""
    others: list[dict[str, Any]] = [{"note": "other"}, {"document": {}}, {"published_by": "Somebody else"}]
    for other in others:
        with pytest.raises(IntegrityError, match="insert-only"), transaction.atomic():
            PolicyVersion.objects.update(**{"published_by": "", **other})

    assert PolicyVersion.objects.update(published_by="") == 1
