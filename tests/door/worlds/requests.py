"""Requests in every state, with everything that can hang on one, said by everybody who may say it."""

from __future__ import annotations

import io
from datetime import datetime, timedelta

from django.core.files.uploadedfile import SimpleUploadedFile
from PIL import Image

from accounts import clock
from accounts.actors import Actor
from accounts.models import IdempotencyKey
from severity.assessment import Impact
from tests import factories
from tests.door.worlds import DAY, INTERNAL, ORGANISATION, REQUEST, Known, Tenant, World
from tests.door.worlds.people import let_go
from tests.tickets.making import filing
from tickets.filing import Contact
from tickets.links import survey_link
from tickets.models import Message, ServiceRequest, Survey
from tickets.services import assignment, closing, conversation, corrections, disputes, escalation, severity, translators
from tickets.services.attachments import attach_file
from tickets.services.filing import file_request
from tickets.services.inspection import inspect_all
from tickets.services.surveys import Opinion, answer_survey
from tickets.services.sweeping import sweep
from tickets.services.translators import Arrangement

ORDER = 20
# Columns of text that hold no words of anybody's, and what they hold instead.
CODES = {
    "tickets_attachment": {
        "key": "random", "scan": "a code", "preview": "a code", "preview_key": "random",
        "content_type": "a code", "sha256": "a hash",
    },
    "tickets_commitment": dict.fromkeys(
        ("reason", "kind", "tier", "severity", "country", "availability", "target", "end"), "a code"
    ),
    "tickets_correction": dict.fromkeys(("what", "previous", "corrected"), "a code"),
    "tickets_escalation": dict.fromkeys(("target", "reason"), "a code"),
    "tickets_message": {"kind": "a code"},
    "tickets_servicerequest": {
        "number": "an id", "contact_phone": "digits of A",
        **dict.fromkeys(
            ("kind", "tier", "category", "language", "service_state", "users_affected", "business_impact", "workaround",
             "deadline_at_risk", "contact_method", "contact_timezone", "contact_country", "state", "severity", "scope",
             "resolution", "referral"), "a code"
        ),
    },
    "tickets_severitydecision": dict.fromkeys(
        ("severity", "previous", "source", "engine_version"), "a code"
    ) | {"assessment": "codes, and words of the lexicon"},
    "tickets_severitydispute": dict.fromkeys(("disputed", "asked", "state"), "a code"),
    "tickets_survey": dict.fromkeys(("severity", "resolution"), "a code"),
    "tickets_timer": dict.fromkeys(("kind", "step", "recipients", "state", "cause"), "a code"),
    "tickets_translatorrequest": dict.fromkeys(("state", "language"), "a code"),
}  # fmt: skip
DEGRADED = Impact(service_state="degraded", users_affected="single_user", business_impact="moderate")


def furnish(world: World, tenant: Tenant) -> None:
    """One tenant's requests, filed three weeks ago or three days ago."""
    desk = {name: factories.actor(person) for name, person in world.staff.items()}
    now = world.now
    _shut(tenant, desk, "archived", closed_at=now - 20 * DAY)
    _shut(tenant, desk, "answered", closed_at=now - 3 * DAY)
    _shut(tenant, desk, "closed", closed_at=now - 2 * DAY)
    _silent(tenant, desk, closed_at=now - 2 * DAY)
    sweep()
    _survey(tenant)
    _open(tenant, desk, at=now - 2 * DAY)
    _worked(tenant, desk, at=now - 2 * DAY)
    _disputed(tenant, desk, at=now - DAY)
    _translated(tenant, desk, at=now - DAY)
    contract = factories.make_elevated_contract(
        tenant.organisation,
        account_manager=_manager(world, tenant),
        ends_at=now + timedelta(days=300),
        starts_at=now - timedelta(hours=3),
    )
    tenant.knows("contract", contract.pk, ORGANISATION)
    elevated = _file(tenant, "elevated", at=now - timedelta(hours=2))  # an hour was promised
    assert elevated.tier == "elevated"
    _remember_an_answer(tenant)
    if tenant.mark == "a":
        let_go(world)


def _manager(world: World, tenant: Tenant) -> object:
    return world.staff["account_manager"] if tenant.mark == "a" else factories.make_staff("account_manager")


def _file(tenant: Tenant, name: str, *, at: datetime, **changes: object) -> ServiceRequest:
    filled = filing(
        subject=tenant.says(REQUEST, f"subject of {name}"),
        description=tenant.says(REQUEST, f"description of {name}"),
        subscription=tenant.ids["subscription"].value,
        contact=Contact(phone=f"+886 {tenant.first_id + 900 + len(tenant.numbers)}"),
        **changes,
    )
    filed = file_request(actor=tenant.actor("admin"), filing=filled, now=at)
    tenant.knows(name, filed.number, REQUEST)
    tenant.rows[name] = filed
    tenant.numbers.add(filed.number)
    return filed


def _attach(tenant: Tenant, name: str, number: str, actor: Actor, message: Message, part: str) -> None:
    upload = SimpleUploadedFile(
        f"{tenant.says(part, name, joint='-')}.txt", tenant.says(part, f"content of {name}").encode()
    )
    stored = attach_file(number=number, actor=actor, upload=upload, message=message)
    tenant.ids.setdefault(name, Known(stored.pk, part))


def _picture(tenant: Tenant, number: str, actor: Actor, message: Message) -> None:
    """A picture with its preview."""
    drawn = io.BytesIO()
    Image.new("RGB", (40, 30), "teal").save(drawn, "PNG")
    upload = SimpleUploadedFile(f"{tenant.says(REQUEST, 'picture', joint='-')}.png", drawn.getvalue())
    stored = attach_file(number=number, actor=actor, upload=upload, message=message)
    inspect_all()
    tenant.knows("picture", stored.pk, REQUEST)


def _open(tenant: Tenant, desk: dict[str, Actor], *, at: datetime) -> None:
    number = _file(tenant, "open", at=at, impact=DEGRADED).number
    admin = tenant.actor("admin")
    said = conversation.add_customer_message(number=number, actor=admin, body=tenant.says(REQUEST, "a message"))
    tenant.knows("message", said.pk, REQUEST)
    _attach(tenant, "attachment", number, admin, said, REQUEST)
    _picture(tenant, number, admin, said)
    noted = conversation.add_internal_note(number=number, actor=desk["engineer"], body=tenant.says(INTERNAL, "a note"))
    tenant.knows("note", noted.pk, INTERNAL)
    _attach(tenant, "internal_attachment", number, desk["engineer"], noted, INTERNAL)


def _worked(tenant: Tenant, desk: dict[str, Actor], *, at: datetime) -> None:
    number, minute = _file(tenant, "worked", at=at, impact=DEGRADED).number, timedelta(minutes=1)
    admin, engineer, lead = tenant.actor("admin"), desk["engineer"], desk["lead"]
    disputes.dispute_severity(
        number=number, actor=admin, severity="A", statement=tenant.says(REQUEST, "statement"), now=at + minute
    )
    disputes.agree_to_dispute(number=number, actor=lead, reason=tenant.says(REQUEST, "agreed"), now=at + 2 * minute)
    assignment.take_request(number=number, actor=engineer, now=at + 3 * minute)
    reply = conversation.reply_publicly(
        number=number, actor=engineer, body=tenant.says(REQUEST, "a reply"), now=at + 4 * minute
    )
    tenant.knows("reply", reply.pk, REQUEST)
    conversation.log_call(number=number, actor=engineer, body=tenant.says(REQUEST, "a call"), now=at + 5 * minute)
    severity.change_severity(
        number=number, actor=engineer, severity="B", reason=tenant.says(REQUEST, "lowered"), now=at + 6 * minute
    )
    escalation.escalate_request(
        number=number,
        actor=admin,
        reason="business_impact",
        justification=tenant.says(REQUEST, "shops cannot sell"),
        now=at + 7 * minute,
    )
    escalation.escalate_to_senior(
        number=number, actor=engineer, reason="technical_expertise", note=tenant.says(INTERNAL, "tried all")
    )
    particulars = corrections.Particulars(scope="developer")
    corrections.correct_request(
        number=number, actor=engineer, particulars=particulars, note=tenant.says(INTERNAL, "miscast")
    )
    translators.ask_translator(number=number, actor=admin, language="vi", wish=tenant.says(REQUEST, "a morning"))
    arrangement = Arrangement(
        interpreter=tenant.says(REQUEST, "interpreter"),
        join_at=clock.now() + DAY,
        note=tenant.says(REQUEST, "how to join"),
    )
    translators.arrange_translator(number=number, actor=engineer, arrangement=arrangement)


def _disputed(tenant: Tenant, desk: dict[str, Actor], *, at: datetime) -> None:
    number = _file(tenant, "disputed", at=at, impact=DEGRADED).number
    statement = tenant.says(REQUEST, "a statement")
    disputes.dispute_severity(number=number, actor=tenant.actor("admin"), severity="A", statement=statement)
    assignment.take_request(number=number, actor=desk["engineer"])


def _translated(tenant: Tenant, desk: dict[str, Actor], *, at: datetime) -> None:
    number = _file(tenant, "translated", at=at, impact=DEGRADED).number
    admin = tenant.actor("admin")
    translators.ask_translator(number=number, actor=admin, language="vi", wish=tenant.says(REQUEST, "a wish"))


def _shut(tenant: Tenant, desk: dict[str, Actor], name: str, *, closed_at: datetime) -> None:
    number = _file(tenant, name, at=closed_at - timedelta(hours=2), impact=DEGRADED).number
    ending = closing.Ending("solved", tenant.says(REQUEST, "the end"))
    closing.close_request(number=number, actor=desk["engineer"], ending=ending, now=closed_at)


def _silent(tenant: Tenant, desk: dict[str, Actor], *, closed_at: datetime) -> None:
    """One that the portal closed with words of its own, since its customer never answered."""
    asked_at = closed_at - 14 * DAY
    number = _file(tenant, "silent", at=asked_at, impact=DEGRADED).number
    question = tenant.says(REQUEST, "a question")
    conversation.ask_customer(number=number, actor=desk["engineer"], body=question, now=asked_at)
    silent = ServiceRequest.objects.get(number=number)
    closing.close_without_reply(silent, at=closed_at, ref=f"silent:{number}", now=closed_at)


def _survey(tenant: Tenant) -> None:
    number = tenant.ids["answered"].value
    comment = tenant.says(REQUEST, "a comment")
    answer_survey(number=number, actor=tenant.actor("admin"), opinion=Opinion(2, solved=False, comment=comment))
    asked = Survey.objects.get(request__number=tenant.ids["closed"].value)
    key = survey_link(asked.pk, tenant.people["admin"]).rstrip("/").rpartition("/")[2]
    tenant.knows("survey_key", key, REQUEST)


def _remember_an_answer(tenant: Tenant) -> None:
    """The stored answer to a keyed call of this tenant's admin."""
    IdempotencyKey.objects.create(
        person=tenant.people["admin"],
        organisation=tenant.organisation,
        key="a-key-of-everybody",
        method="POST",
        path="/api/v1/service-requests/",
        body_digest="x" * 64,
        status=201,
        body='{"number": "%s", "subject": "%s"}' % (tenant.ids["open"].value, tenant.says(REQUEST, "kept")),  # noqa: UP031
    )


def note(world: World, tenant: Tenant) -> None:
    """Another note with a file on every open request."""
    engineer = factories.actor(world.staff["engineer"])
    for name in ("open", "worked", "disputed", "translated", "elevated"):
        number = tenant.ids[name].value
        noted = conversation.add_internal_note(number=number, actor=engineer, body=tenant.says(INTERNAL, "later"))
        _attach(tenant, "internal_attachment", number, engineer, noted, INTERNAL)
