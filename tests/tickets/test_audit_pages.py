"""The audit trail as pages and as files (P-10, P-5)."""

import csv
import io
import json
from datetime import UTC, datetime, timedelta
from http import HTTPStatus

import pytest
from django.test import Client

from accounts import circumstances
from accounts.actors import Actor
from accounts.audit import About, record_event, verify_audit
from accounts.audit.personal_values import erase_personal_values
from accounts.models import Event, HeadSubscription, Organisation, Person
from accounts.services import heads, people, sealing
from tests import factories
from tests.tickets import making
from tickets.services.conversation import add_internal_note, reply_publicly
from tickets.services.sweeping import sweep

AT = datetime(2026, 11, 26, 9, tzinfo=UTC)
OURS, STAFF = "/organisation/audit/", "/staff/audit/"
SUPPORTS = "198.51.100.77"


@pytest.fixture
def organisation(db: None) -> Organisation:
    organisation = factories.make_organisation("contoso", name="Contoso")
    factories.make_subscription(organisation)
    return organisation


@pytest.fixture
def admin(organisation: Organisation) -> Person:
    return factories.make_person(organisation, "global_admin", name="Ann Lee", email="ann@contoso.example")


@pytest.fixture
def operator(db: None) -> Person:
    return factories.make_staff("operator", name="Olga")


def page(person: Person, where: str = OURS, **filters: str) -> str:
    response = factories.browser_of(person).get(where, filters)
    assert response.status_code == HTTPStatus.OK
    return response.content.decode()


def listed(person: Person, where: str = OURS, **filters: str) -> str:
    """The list alone, as htmx has it: without the choices of the filters."""
    return factories.browser_of(person).get(where, filters, headers={"HX-Request": "true"}).content.decode()


def give(admin: Person, role: str = "reader") -> Event:
    """Give a role to somebody of the organisation."""
    other = factories.make_person(admin.organisation, name="Ben Ode")
    people.give_role(person_id=other.pk, role=role, actor=factories.actor(admin))
    return Event.objects.filter(kind="role_given").latest("pk")


def export(person: Person, file_format: str, where: str = OURS, **filters: str) -> bytes:
    response = factories.browser_of(person).post(f"{where}export/", {"file_format": file_format, **filters})
    assert response.status_code == HTTPStatus.OK, response
    return b"".join(response.streaming_content)


# ── The page ────────────────────────────────────────────────────────────────────────────────────────────────────────


def test_a_global_admin_reads_who_did_what_from_where(admin):
    """P-10"""
    client = factories.browser_of(admin)
    other = factories.make_person(admin.organisation, name="Ben Ode")
    client.post(f"/organisation/people/{other.pk}/roles/", {"roles": ["reader"]}, REMOTE_ADDR="203.0.113.9")

    shown = page(admin)

    assert "Role given" in shown
    for words in ("Ann Lee", "Ben Ode", "Reader", "On a page", "203.0.113.9"):
        assert words in shown


def test_an_address_that_was_erased_is_shown_as_erased(admin):
    """The right to erasure"""
    factories.browser_of(admin).post("/preferences/language/", {"language": "zh-hant"}, REMOTE_ADDR="203.0.113.9")
    factories.browser_of(admin).post("/preferences/language/", {"language": "en"}, REMOTE_ADDR="203.0.113.9")
    assert "203.0.113.9" in page(admin)

    erase_personal_values(admin.pk)

    assert "203.0.113.9" not in page(admin)
    assert "address erased" in page(admin)


def test_customers_see_nothing_internal_nothing_of_others_and_no_address_of_support(admin, operator):
    """P-5"""
    engineer = factories.make_staff("engineer", name="Eve")
    filed = making.filed(factories.actor(admin))
    add_internal_note(number=filed.number, actor=factories.actor(engineer), body="Hm.")
    other = factories.make_organisation("fabrikam", name="Fabrikam")
    give(factories.make_person(other, "global_admin", name="Zoe"))
    with circumstances.under("page", address=SUPPORTS):
        reply_publicly(number=filed.number, actor=factories.actor(engineer), body="We look into it.")

    ours, all_of_it = listed(admin), listed(operator, STAFF)

    assert "Support replied" in ours
    for hidden in ("Internal note added", "Zoe", "Fabrikam", SUPPORTS):
        assert hidden not in ours
        assert hidden in all_of_it
    assert "Support replied" not in listed(admin, address=SUPPORTS), "a guess is not confirmed"
    assert "Support replied" in listed(operator, STAFF, address=SUPPORTS)


@pytest.mark.parametrize(
    ("roles", "is_staff", "address", "status"),
    [
        (["reader"], False, OURS, HTTPStatus.FORBIDDEN),
        (["user_admin"], False, OURS, HTTPStatus.FORBIDDEN),
        (["global_admin"], False, STAFF, HTTPStatus.NOT_FOUND),
        (["engineer"], True, STAFF, HTTPStatus.FORBIDDEN),
        (["account_manager"], True, STAFF, HTTPStatus.FORBIDDEN),
        (["team_lead"], True, STAFF, HTTPStatus.OK),
        (["duty_manager"], True, STAFF, HTTPStatus.OK),
        (["team_lead"], True, OURS, HTTPStatus.NOT_FOUND),
    ],
)
def test_the_trail_is_for_global_admins_and_security_staff(organisation, roles, is_staff, address, status):
    """RO-1"""
    make = factories.make_staff if is_staff else lambda *held: factories.make_person(organisation, *held)
    client = factories.browser_of(make(*roles))

    assert client.get(address).status_code == status
    assert client.post(f"{address}export/", {"file_format": "csv"}).status_code in (status, HTTPStatus.OK)
    assert client.post(f"{address}head/", {"wanted": "yes"}).status_code in (status, HTTPStatus.FOUND)
    assert HeadSubscription.objects.exists() is (status == HTTPStatus.OK)


FILTERS = {
    "kind": ("role_given", "token_issued"),
    "actor": ("ann", "ben"),
    "acted_by": ("own", "partners"),
    "number": ("", "SR-000000001"),
    "since": ("2026-11-01", "2031-01-01"),
    "until": ("2031-01-01", "2020-01-01"),
    "address": ("203.0.113.9", "203.0.113.8"),
    "request_id": ("abcdefgh-1", "abcdefgh-2"),
}


@pytest.mark.parametrize("name", FILTERS)
def test_each_filter_finds_what_fits_and_nothing_else(admin, name):
    """P-10"""
    client = factories.browser_of(admin)
    other = factories.make_person(admin.organisation, name="Ben Ode")
    client.post(
        f"/organisation/people/{other.pk}/roles/",
        {"roles": ["reader"]},
        REMOTE_ADDR="203.0.113.9",
        headers={"X-Request-ID": "abcdefgh-1"},
    )
    fitting, other_value = FILTERS[name]

    assert "Ben Ode" in page(admin, **{name: fitting})
    assert "Nothing fits these filters." in page(admin, **{name: other_value})


def test_a_group_of_kinds_is_a_filter_too(admin):
    """P-10"""
    give(admin)

    assert "Ben Ode" in page(admin, kind="all:people")
    assert "Ben Ode" not in page(admin, kind="all:tokens")


@pytest.mark.parametrize(
    ("filters", "words"),
    [
        ({"number": "17"}, "Write the number as in SR-123456789."),
        ({"address": "elsewhere"}, "Enter a valid IPv4 or IPv6 address."),
        ({"since": "2026-11-02", "until": "2026-11-01"}, "Choose a day that is not before the first."),
        ({"since": "0001-01-01"}, "Choose days between the years 1971 and 9000."),
        ({"until": "9999-12-31"}, "Choose days between the years 1971 and 9000."),
        ({"kind": "nonsense"}, "nonsense is not one of the available choices"),
    ],
)
def test_a_filter_that_is_wrong_says_so_and_stays_as_it_was_typed(admin, filters, words):
    """P-8"""
    shown = page(admin, **filters)

    assert words in shown
    for value in filters.values():
        assert value in shown


def test_what_partners_did_on_behalf_stands_beside_who_it_was(admin):
    """PA-1"""
    partner = factories.make_partner("helpers")
    factories.make_delegation(admin.organisation, partner)
    helper = factories.make_person(partner, "service_support_admin", name="Hal")
    making.filed(factories.actor(helper, customer=admin.organisation))

    shown = page(admin, acted_by="partners")

    assert "Hal" in shown
    assert "on behalf of" in shown
    assert "Hal" in page(admin, actor=helper.email)
    stranger = factories.make_person(factories.make_organisation(), name="Stranger")
    assert "Nothing fits these filters." in page(admin, actor=stranger.email)


def test_a_page_costs_the_same_for_one_record_and_for_25(admin, django_assert_num_queries):
    """STYLE section 5"""
    client = factories.browser_of(admin)
    for amount in (1, 24):
        for _ in range(amount):
            give(admin)
        sealing.seal_events()
        client.get(OURS)
        with django_assert_num_queries(9):
            client.get(OURS)


def test_the_pages_of_the_trail_follow_one_another(admin):
    """P-10"""
    about = About(organisation_id=admin.organisation_id)
    for number in range(60):
        record_event("role_given", about=about, at=AT, data={"role": f"role-{number:02}"})
    seen, cursor = "", ""
    for _ in range(3):
        response = factories.browser_of(admin).get(OURS, {"cursor": cursor} if cursor else {})
        seen += response.content.decode()
        cursor = response.context["next"]

    assert cursor is None
    assert all(seen.count(f"role-{number:02}") == 1 for number in range(60))


# ── Exports ─────────────────────────────────────────────────────────────────────────────────────────────────────────


def verified(file: bytes, **heads_given: str) -> verify_audit.Verified:
    return verify_audit.verify(io.BytesIO(file), heads={int(k.removeprefix("n")): v for k, v in heads_given.items()})


def test_an_export_proves_itself_and_holds_its_own_record(admin):
    """P-10"""
    give(admin)

    file = export(admin, "ndjson")

    found = verified(file)
    records = [json.loads(line)["record"] for line in file.splitlines()[1:-1]]
    assert (found.chain, found.first, found.last, found.shown) == ("contoso", 1, len(records), len(records))
    assert [record["kind"] for record in records] == ["role_given", "audit_exported"]
    assert records[-1]["data"] == {"file_format": "ndjson", "filters": {}}
    assert b"127.0.0.1" not in file, "what proves itself holds no personal value"


def test_a_filtered_export_withholds_the_rest_by_hash(admin):
    """P-10"""
    give(admin)
    record_event("token_issued", about=About(organisation_id=admin.organisation_id), at=AT, data={"token": 4711})

    file = export(admin, "ndjson", kind="role_given")

    found = verified(file)
    assert (found.last, found.shown) == (3, 1)
    assert b"4711" not in file


def test_an_export_of_some_days_begins_in_the_middle_of_the_chain(admin):
    """P-10"""
    today = datetime.now(UTC).date()
    give(admin)

    empty = verified(export(admin, "ndjson", until=(today - timedelta(days=3)).isoformat()))
    whole = verified(export(admin, "ndjson", since=(today - timedelta(days=3)).isoformat()))

    assert empty.last - empty.first + 1 == 0
    assert (whole.first, whole.last) == (1, 3)


def test_a_table_is_safe_for_spreadsheets_and_says_it_in_words(admin):
    """P-7, P-10"""
    admin.name = "=cmd|' /C calc'!A0"
    admin.save()
    give(admin)

    rows = list(csv.reader(io.StringIO(export(admin, "csv").decode("utf-8-sig"))))

    assert rows[0][:4] == ["Record", "Recorded (UTC)", "Took effect (UTC)", "What happened"]
    assert rows[1][3:5] == ["Role given", "role_given"]
    assert "Ben Ode" in rows[1][5]
    assert rows[1][6] == "'=cmd|' /C calc'!A0"


def test_a_table_is_in_the_readers_language(admin):
    """P-10"""
    admin.language = "zh-hant"
    admin.save()
    give(admin)

    assert "授予角色" in export(admin, "csv").decode("utf-8-sig")


def test_there_are_five_exports_an_hour_and_each_is_on_record(admin):
    """RELIABILITY section 3"""
    for _ in range(5):
        export(admin, "csv")

    response = factories.browser_of(admin).post(f"{OURS}export/", {"file_format": "csv", "number": "SR-123456789"})

    assert (response.status_code, response["Location"]) == (303, f"{OURS}?number=SR-123456789")
    assert Event.objects.filter(kind="audit_exported").count() == 5


def test_an_export_holds_no_address_that_was_asked_for(admin):
    """Settled point 13"""
    export(admin, "csv", address="203.0.113.9", actor="ann@contoso.example")

    filters = Event.objects.get(kind="audit_exported").data["filters"]
    assert set(filters) == {"address", "actor"}
    assert "203" not in str(filters)


def test_staff_export_one_chain_with_proof_and_all_of_them_as_a_table(admin, operator):
    """P-10"""
    give(admin)

    several = factories.browser_of(operator).post(f"{STAFF}export/", {"file_format": "ndjson"})
    theirs = verified(export(operator, "ndjson", STAFF, organisation="contoso", records="customers"))
    desks = verified(export(operator, "ndjson", STAFF, records="desk"))
    table = export(operator, "csv", STAFF).decode()

    assert several.status_code == 303
    assert (theirs.chain, desks.chain) == ("contoso", "desk")
    assert "Contoso" in table
    assert "Audit trail exported" in page(admin), "the organisation sees that its trail was taken"


def test_the_script_can_be_taken_along(admin):
    """P-10"""
    response = factories.browser_of(admin).get(f"{OURS}verify_audit.py")

    assert b"".join(response.streaming_content).startswith(b"#!/usr/bin/env python3")
    assert "attachment" in response["Content-Disposition"]


# ── The day's head ──────────────────────────────────────────────────────────────────────────────────────────────────

DAY = timedelta(days=1)


def mailed() -> list[tuple[str, str]]:
    rows = Event.objects.filter(kind="audit_head_mailed").order_by("pk")
    return [(row.data["date"], f"{row.data['sequence']}:{row.data['hash']}") for row in rows]


def test_the_head_is_mailed_once_a_day_and_an_export_answers_to_it(admin, mailoutbox):
    """P-10"""
    from tickets.services.relay import relay_all

    factories.browser_of(admin).post(f"{OURS}head/", {"wanted": "yes"})
    sweep()
    sweep()
    relay_all()

    [(_day, head)] = mailed()
    sequence, _, place = head.partition(":")
    assert [mail.to for mail in mailoutbox] == [["ann@contoso.example"]]
    assert head in mailoutbox[0].body
    assert "Contoso" in mailoutbox[0].subject
    assert verified(export(admin, "ndjson"), **{f"n{sequence}": place})
    with pytest.raises(verify_audit.Fault):
        verified(export(admin, "ndjson"), **{f"n{sequence}": "0" * 64})


def test_each_day_has_its_own_head_with_the_records_since(admin):
    """P-10"""
    heads.subscribe_to_head(actor=factories.actor(admin))
    sealing.seal_events()
    heads.mail_heads(now=AT)
    heads.mail_heads(now=AT.replace(hour=23, minute=59, second=59))
    sealing.seal_events()
    heads.mail_heads(now=datetime(2026, 11, 27, tzinfo=UTC))

    assert [day for day, _ in mailed()] == ["2026-11-26", "2026-11-27"]
    assert [row.data["count"] for row in Event.objects.filter(kind="audit_head_mailed").order_by("pk")] == [1, 1]


def test_who_is_no_global_admin_any_more_gets_no_head(admin):
    """P-6"""
    heads.subscribe_to_head(actor=factories.actor(admin))
    factories.make_person(admin.organisation, "global_admin")
    admin.role_grants.all().delete()
    sealing.seal_events()

    heads.mail_heads(now=AT)

    assert not Event.objects.get(kind="audit_head_mailed").deliveries.exists()


def test_staff_have_the_head_of_the_desk_or_of_an_organisation(admin, operator):
    """P-10"""
    client = factories.browser_of(operator)
    client.post(f"{STAFF}head/", {"wanted": "yes"})
    client.post(f"{STAFF}head/", {"wanted": "yes", "organisation": "contoso"})
    assert HeadSubscription.objects.count() == 2

    client.post(f"{STAFF}head/", {"wanted": "no", "organisation": "contoso"})
    assert client.post(f"{STAFF}head/", {"wanted": "yes", "organisation": "nobody"}).status_code == 404

    assert [row.organisation_id for row in HeadSubscription.objects.all()] == [None]
    assert [row.kind for row in Event.objects.order_by("pk")] == [
        "audit_head_subscribed",
        "audit_head_subscribed",
        "audit_head_unsubscribed",
    ]


def test_visitors_are_asked_to_sign_in(db):
    """P-5"""
    for address in (OURS, STAFF, f"{OURS}export/", f"{STAFF}head/", f"{OURS}verify_audit.py"):
        assert Client().get(address).status_code == HTTPStatus.FOUND


def test_the_portal_itself_acts_as_nobody(admin):
    """P-10"""
    record_event("delegation_expired", about=About(organisation_id=admin.organisation_id), at=AT, actor=Actor(None))

    assert "The portal" in page(admin, acted_by="portal")
