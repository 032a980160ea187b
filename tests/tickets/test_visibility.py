"""The gate: who sees which requests, messages and folders, through selectors and in a browser."""

from datetime import timedelta
from http import HTTPStatus

import pytest
from django.test import Client

from accounts import clock
from accounts.actors import Actor
from accounts.errors import OrganisationNotFound
from accounts.models import Organisation, Person
from accounts.permissions import CUSTOMER_ROLES, DELEGABLE_ROLES, STAFF_ROLES
from tests import factories
from tests.tickets import making
from tests.tickets.conftest import MONDAY
from tickets.errors import RequestNotFound, UnknownChoice
from tickets.lifecycle import State
from tickets.models import ServiceRequest
from tickets.selectors import detail
from tickets.selectors.lists import ORDERINGS, Wanted, listed, requests_page
from tickets.selectors.queue import queue_page
from tickets.selectors.visibility import request_of, visible_requests
from tickets.services.closing import Ending, close_request
from tickets.services.conversation import add_internal_note, reply_publicly
from tickets.services.sweeping import sweep

MICROSECOND = timedelta(microseconds=1)
HOUR = timedelta(hours=1)
FOURTEEN_DAYS = timedelta(days=14)

TECHNICAL = {
    "mail": "exchange_online",
    "sites": "sharepoint_online",
    "calls": "skype_for_business",
    "apps": "microsoft_365_apps",
    "sign-in": "identity",
    "domains": "domains",
    "anything": "",
}
OTHER = {"bill": "billing", "plans": "presales", "advice": "advisory"}
OURS = frozenset([*TECHNICAL, *OTHER])
THEIRS = frozenset({"their mail", "their bill"})

# RO-1, RO-3: which of these requests each role covers. `theirs` are another customer's.
SEEN: dict[str, frozenset[str]] = {
    "global_admin": OURS,
    "service_support_admin": OURS,
    "billing_admin": frozenset({"bill", "plans"}),
    "user_admin": frozenset({"sign-in", "apps"}),
    "helpdesk_admin": frozenset({"sign-in", "apps"}),
    "exchange_admin": frozenset({"mail"}),
    "sharepoint_admin": frozenset({"sites"}),
    "skype_admin": frozenset({"calls"}),
    "apps_admin": frozenset({"apps"}),
    "reader": OURS,
    "engineer": OURS - {"bill", "plans"} | {"their mail"},
    "senior_engineer": OURS - {"bill", "plans"} | {"their mail"},
    "team_lead": OURS | THEIRS,
    "duty_manager": OURS | THEIRS,
    "billing_specialist": frozenset({"bill", "plans", "their bill"}),
    "presales_specialist": frozenset({"bill", "plans", "their bill"}),
    "account_manager": OURS,  # the organisation whose contract names them
    "operator": frozenset(),
}
ALL = Wanted(folder="all")


class World:
    """Two customers with requests of every kind; the first one has elevated support and an account manager."""

    def __init__(self) -> None:
        self.manager = factories.make_staff("account_manager")
        self.ours, self.theirs = factories.make_organisation(), factories.make_organisation()
        for organisation in (self.ours, self.theirs):
            factories.make_subscription(organisation)
        self.contract = factories.make_elevated_contract(self.ours, account_manager=self.manager)
        self.requests: dict[str, ServiceRequest] = {}
        filer = factories.actor(factories.make_person(self.ours, "global_admin"))
        stranger = factories.actor(factories.make_person(self.theirs, "global_admin"))
        for label, service in TECHNICAL.items():
            self.requests[label] = making.filed(filer, now=MONDAY, service=service)
        for label, category in OTHER.items():
            self.requests[label] = making.filed(filer, now=MONDAY, category=category, service="")
        self.requests["their mail"] = making.filed(stranger, now=MONDAY)
        self.requests["their bill"] = making.filed(stranger, now=MONDAY, category="billing", service="")

    def person(self, *roles: str) -> Person:
        """Somebody in these roles, of the first customer or of the staff."""
        if set(roles) <= set(CUSTOMER_ROLES):
            return factories.make_person(self.ours, *roles)
        return self.manager if roles == ("account_manager",) else factories.make_staff(*roles)

    def seen(self, actor: Actor) -> frozenset[str]:
        """The labels of the requests that exist for somebody."""
        return self.labelled(visible_requests(actor))

    def labelled(self, rows) -> frozenset[str]:
        labels = {row.pk: label for label, row in self.requests.items()}
        return frozenset(labels[row.pk] for row in rows)


@pytest.fixture
def world(db: None) -> World:
    return World()


def test_the_table_names_every_role():
    """RO-1, RO-3"""
    assert list(SEEN) == [*CUSTOMER_ROLES, *STAFF_ROLES]


def test_each_role_sees_its_kinds_of_support_and_its_service_of_its_customers(world):
    """RO-1, RO-3, P-5"""
    actors = {role: factories.actor(world.person(role)) for role in SEEN}

    assert {role: world.seen(actor) for role, actor in actors.items()} == SEEN


def test_lists_and_queue_pass_the_same_gate(world):
    """RO-1, P-5: page by page, also by search, and one by one."""
    for role, expected in SEEN.items():
        actor = factories.actor(world.person(role))

        assert world.labelled(requests_page(actor, ALL, now=MONDAY, size=100).rows) == expected, role
        found = requests_page(actor, Wanted(text="nobody can send"), now=MONDAY, size=100).rows
        assert world.labelled(found) == expected, role
        assert world.labelled(queue_page(actor, now=MONDAY, size=100).rows) == expected, role
        for label, service_request in world.requests.items():
            if label in expected:
                assert request_of(actor, service_request.number) == service_request
            else:
                with pytest.raises(RequestNotFound):
                    request_of(actor, service_request.number)


def test_pages_pass_the_same_gate(world):
    """RO-1, P-5: what is not there for somebody answers 404."""
    for role, expected in SEEN.items():
        browser = factories.browser_of(world.person(role))
        response = browser.get("/requests/?folder=all")
        assert response.status_code == (HTTPStatus.OK if expected else HTTPStatus.FORBIDDEN), role
        shown = response.content.decode()
        assert {label for label, row in world.requests.items() if row.number in shown} == expected, role
        for labels, status in ((expected, HTTPStatus.OK), ((OURS | THEIRS) - expected, HTTPStatus.NOT_FOUND)):
            for label in sorted(labels)[:1]:
                assert browser.get(f"/requests/{world.requests[label].number}/").status_code == status, (role, label)


def test_several_roles_add_up(world):
    """RO-1"""
    both = factories.actor(world.person("exchange_admin", "billing_admin"))
    staff = factories.actor(world.person("engineer", "billing_specialist"))

    assert world.seen(both) == {"mail", "bill", "plans"}
    assert world.seen(staff) == OURS | THEIRS


def test_an_end_user_and_somebody_of_no_roles_at_all_see_nothing(world):
    """SH-2, RO-1"""
    for person in (factories.make_person(world.ours), factories.make_staff()):
        assert world.seen(factories.actor(person)) == frozenset()


def test_an_end_user_meets_self_help_and_no_list_of_requests(world):
    """SH-2, RO-1: only people with an admin role enter the support area."""
    browser = factories.browser_of(factories.make_person(world.ours))
    number = world.requests["mail"].number

    assert number not in browser.get("/").content.decode()
    assert browser.get("/requests/").status_code == HTTPStatus.FORBIDDEN
    assert browser.get("/queue/").status_code == HTTPStatus.FORBIDDEN
    assert browser.get(f"/requests/{number}/").status_code == HTTPStatus.NOT_FOUND


def test_customers_and_operators_have_no_queue(world):
    """RO-3: the internal order of work is for those who work on requests."""
    people = [world.person(role) for role in (*CUSTOMER_ROLES, "operator")]

    statuses = {factories.browser_of(person).get("/queue/").status_code for person in people}

    assert statuses == {HTTPStatus.FORBIDDEN}


def test_a_request_of_somebody_else_answers_like_one_that_does_not_exist(world):
    """P-5: the same page, byte by byte, but for what differs between any two answers."""
    browser = factories.browser_of(world.person("global_admin"))

    foreign = browser.get(f"/requests/{world.requests['their mail'].number}/")
    missing = browser.get("/requests/SR-000000000/")

    assert foreign.status_code == missing.status_code == HTTPStatus.NOT_FOUND
    assert _plain(foreign) == _plain(missing)


def _plain(response) -> list[str]:
    """The page without the lines that hold a fresh token or id, or the instant."""
    fresh = ("csrf", "X-CSRFToken", "data-server-now", "<code")
    return [line for line in response.content.decode().splitlines() if not any(word in line for word in fresh)]


# ── Account managers ────────────────────────────────────────────────────────────────────────────────────────────────


def test_an_account_manager_sees_the_organisations_of_their_contracts_only(world):
    """EL-1, P-5"""
    other = factories.make_staff("account_manager")

    assert world.seen(factories.actor(world.manager)) == OURS
    assert world.seen(factories.actor(other)) == frozenset()


@pytest.mark.parametrize(("beside", "also"), [("operator", set()), ("engineer", {"their mail"})])
def test_another_role_does_not_widen_what_an_account_manager_looks_after(world, beside, also):
    """EL-1, P-5, P-6: each role has its own reach."""
    person = factories.make_staff("account_manager", beside)
    everywhere = SEEN[beside] - THEIRS

    assert world.seen(factories.actor(person)) == everywhere | also
    world.contract.account_manager = person
    world.contract.save()
    assert world.seen(factories.actor(person)) == OURS | also


@pytest.mark.parametrize(
    "term",
    [
        {"ends_at": factories.LONG_AGO + timedelta(days=1)},
        {"starts_at": factories.LONG_AGO + timedelta(days=365 * 90)},
    ],
)
def test_a_contract_outside_its_term_shows_the_account_manager_nothing(world, term):
    """EL-1, P-6"""
    for field, value in term.items():
        setattr(world.contract, field, value)
    world.contract.save()

    assert world.seen(factories.actor(world.manager)) == frozenset()


# ── Partners ────────────────────────────────────────────────────────────────────────────────────────────────────────


@pytest.fixture
def partner(db: None) -> Organisation:
    """A partner with a request of its own."""
    partner = factories.make_partner()
    factories.make_subscription(partner)
    making.filed(factories.actor(factories.make_person(partner, "global_admin")), now=MONDAY)
    return partner


def test_a_partner_sees_the_delegated_customer_within_the_delegated_duties(world, partner):
    """PA-1, P-5: neither other customers, nor its own requests, nor more than the duty covers."""
    consultant = factories.make_person(partner, "reader")
    delegation = factories.make_delegation(world.ours, partner)

    seen = {}
    for delegation.duties in ([role] for role in DELEGABLE_ROLES):
        delegation.save()
        seen[delegation.duties[0]] = world.seen(factories.actor(consultant, customer=world.ours))

    assert seen == {role: SEEN[role] for role in DELEGABLE_ROLES}


def test_a_partner_that_acts_for_itself_sees_its_own_requests_only(world, partner):
    """PA-1, P-5"""
    factories.make_delegation(world.ours, partner)
    consultant = factories.actor(factories.make_person(partner, "service_support_admin"))

    assert {row.organisation_id for row in visible_requests(consultant)} == {partner.pk}


@pytest.mark.parametrize("change", ["ended_at", "expires_at"])
def test_a_delegation_that_is_over_shows_nothing_from_the_next_page_on(world, partner, change):
    """PA-1, P-6"""
    consultant = factories.make_person(partner, "service_support_admin")
    delegation = factories.make_delegation(world.ours, partner, granted_at=factories.LONG_AGO)
    browser = factories.browser_of(consultant)
    browser.post("/acting-for/", {"customer": str(world.ours.pk)})
    address = f"/requests/{world.requests['mail'].number}/"
    assert browser.get(address).status_code == HTTPStatus.OK

    setattr(delegation, change, clock.now() - MICROSECOND)
    delegation.save()

    assert browser.get(address).status_code == HTTPStatus.SEE_OTHER
    assert browser.get(address).status_code == HTTPStatus.NOT_FOUND
    with pytest.raises(OrganisationNotFound):
        factories.actor(consultant, customer=world.ours)


def test_without_a_delegation_or_a_role_nobody_acts_for_a_customer(world, partner):
    """PA-1, SH-2"""
    consultant = factories.make_person(partner, "service_support_admin")
    with pytest.raises(OrganisationNotFound):
        factories.actor(consultant, customer=world.ours)

    factories.make_delegation(world.ours, partner)
    factories.actor(consultant, customer=world.ours)
    with pytest.raises(OrganisationNotFound):
        factories.actor(factories.make_person(partner), customer=world.ours)


# ── What is for staff only ──────────────────────────────────────────────────────────────────────────────────────────


@pytest.fixture
def noted(open_request, engineer) -> ServiceRequest:
    """A request with a reply, and a note that the customer must never read."""
    reply_publicly(number=open_request.number, actor=engineer, body="We are looking at it.", now=MONDAY)
    add_internal_note(number=open_request.number, actor=engineer, body="Smells of pelargonium.", now=MONDAY)
    return open_request


def test_internal_notes_exist_for_staff_only(noted, admin, engineer):
    """P-5: they pass a second gate, and staff can look through the customer's eyes."""

    def bodies(actor, **options):
        return [message.body for message in detail.conversation_of(actor, noted, **options)]

    assert "Smells of pelargonium." in bodies(engineer)
    assert "Smells of pelargonium." not in bodies(engineer, internal=False)
    assert bodies(admin) == [*bodies(engineer)[:2]]
    assert [row.body for row in detail.conversation_with_files(admin, noted)] == bodies(admin)
    kinds = {event.kind for event in detail.events_of(admin, noted)}
    assert kinds < {event.kind for event in detail.events_of(engineer, noted)}


def test_internal_notes_are_found_by_no_search_and_on_no_page_of_the_customer(noted, organisation, admin):
    """P-5: absent from answers, counts and search."""
    browser = factories.browser_of(Person.objects.get(pk=admin.person_id))

    assert requests_page(admin, Wanted(text="pelargonium"), now=MONDAY).rows == []
    for address in (f"/requests/{noted.number}/", f"/requests/{noted.number}/?tab=history"):
        page = browser.get(address).content.decode()
        assert "We are looking at it." in page
        assert "pelargonium" not in page
        assert "Internal note" not in page


def test_customers_are_not_shown_when_the_desk_means_to_look_at_something(organisation, admin):
    """SLA-6: the internal attention instant is no promise, and orders nothing that they see."""
    service_request = making.filed(admin, severity="C", now=MONDAY)
    browser = factories.browser_of(Person.objects.get(pk=admin.person_id))

    for address in ("/", "/requests/", f"/requests/{service_request.number}/"):
        page = browser.get(address).content.decode()
        assert service_request.number in page
        assert service_request.queue_at.strftime("%Y-%m-%dT%H:%M") not in page


# ── Search ──────────────────────────────────────────────────────────────────────────────────────────────────────────


@pytest.fixture
def texts(admin) -> dict[str, ServiceRequest]:
    """Requests in two languages."""
    written = {
        "garbled": ("The Send button is garbled", "In Outlook's ribbon, for Zoë in São Paulo."),
        "boxes": ("Shared mailboxes are empty", "Two shared mailboxes show no messages since the migration."),
        "outage": ("全公司無法傳送電子郵件", "從今天早上開始，所有使用者都無法傳送或接收郵件。"),
        "sharing": ("外部使用者無法開啟 SharePoint 網站", "分享連結後，外部使用者看到拒絕存取。"),
    }
    return {
        label: making.filed(admin, now=MONDAY, subject=subject, description=description)
        for label, (subject, description) in written.items()
    }


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("garbled", {"garbled"}),
        ("GARBLED button", {"garbled"}),
        ("button the send", {"garbled"}),
        ("garb", {"garbled"}),
        ("ribbon of Outlook", {"garbled"}),
        ("outlook", {"garbled"}),
        ("Zoe Sao Paulo", {"garbled"}),
        ("mailbox", {"boxes"}),
        ("shared mailboxes", {"boxes"}),
        ("mailbox garbled", set()),
        ("無法傳送", {"outage"}),
        ("無法", {"outage", "sharing"}),
        ("電子郵件", {"outage"}),
        ("使用者", {"outage", "sharing"}),
        ("外部使用者", {"sharing"}),
        ("sharepoint 拒絕存取", {"sharing"}),
        ("ＳＨＡＲＥＰＯＩＮＴ", {"sharing"}),
        ("郵", {"outage"}),
        ("送傳", set()),
        ("寄信", set()),
        ("& | ! ( ) :* <->", set()),
        ("'; DROP TABLE tickets_servicerequest", set()),
        ("   ", {"garbled", "boxes", "outage", "sharing"}),
    ],
)
def test_a_search_finds_words_of_subject_and_description_in_both_languages(texts, admin, text, expected):
    """CH-5: open and archived alike."""
    found = requests_page(admin, Wanted(text=text), now=MONDAY).rows

    assert {label for label, row in texts.items() if row in found} == expected
    assert len(found) == len(expected)


def test_a_search_finds_the_very_number_however_it_is_typed(texts, admin):
    """CH-5"""
    wanted = texts["boxes"]
    for text in (wanted.number, wanted.number.lower(), f"  {wanted.number} "):
        assert requests_page(admin, Wanted(text=text), now=MONDAY).rows == [wanted]


def test_a_search_goes_with_folder_and_filters(texts, admin):
    """CH-5"""
    close_request(number=texts["outage"].number, actor=admin, ending=Ending("solved"), now=MONDAY)

    def found(**changes):
        return set(requests_page(admin, Wanted(text="無法", **changes), now=MONDAY).rows)

    assert found(folder="open") == {texts["sharing"]}
    assert found(folder="recently_closed") == {texts["outage"]}
    assert found(folder="archived") == set()
    assert found(severities=["B"]) == {row for row in texts.values() if row.severity == "B"} & found()


def test_a_search_in_a_browser_takes_any_text(texts, admin):
    """P-8"""
    browser: Client = factories.browser_of(Person.objects.get(pk=admin.person_id))
    for text in ("無法傳送", "\x00garbled", "'", "\\", "%", "a" * 3000, "\u202e", "郵" * 300):
        assert browser.get("/requests/", {"q": text, "folder": "all"}).status_code == HTTPStatus.OK
    for name in ("service", "category", "severity", "folder", "cursor"):
        response = browser.get("/requests/", {name: "\x00'"})
        assert response.status_code < HTTPStatus.INTERNAL_SERVER_ERROR, name


# ── Folders ─────────────────────────────────────────────────────────────────────────────────────────────────────────


def folders_of(actor, service_request, *, now):
    """The folders that hold a request at an instant."""
    return {
        folder
        for folder in ("open", "recently_closed", "archived", "all")
        if service_request in requests_page(actor, Wanted(folder=folder), now=now).rows
    }


def test_a_closed_request_is_recently_closed_for_fourteen_days_exactly(closed_request, admin):
    """CH-4, CH-5, P-4: to the microsecond, whether or not a sweep has run."""
    last = closed_request.closed_at + FOURTEEN_DAYS

    assert folders_of(admin, closed_request, now=closed_request.closed_at) == {"recently_closed", "all"}
    assert folders_of(admin, closed_request, now=last) == {"recently_closed", "all"}
    assert folders_of(admin, closed_request, now=last + MICROSECOND) == {"archived", "all"}
    sweep(now=last + HOUR)
    assert ServiceRequest.objects.get(pk=closed_request.pk).state == State.ARCHIVED
    assert folders_of(admin, closed_request, now=last + HOUR) == {"archived", "all"}


def test_the_state_in_lists_and_filters_follows_the_same_instant(closed_request, admin):
    """CH-4, P-4"""
    last = closed_request.closed_at + FOURTEEN_DAYS

    for now, state, other in ((last, "closed", "archived"), (last + MICROSECOND, "archived", "closed")):
        rows = requests_page(admin, Wanted(states=[state]), now=now).rows
        assert rows == [closed_request]
        assert [each.state for each in listed(rows, now=now)] == [State(state)]
        assert requests_page(admin, Wanted(states=[other]), now=now).rows == []
    assert requests_page(admin, Wanted(states=[]), now=last).rows == []


def test_an_open_request_is_in_the_open_folder_in_each_of_its_states(open_request, engineer, admin):
    """CH-3"""
    assert folders_of(admin, open_request, now=MONDAY) == {"open", "all"}
    reply_publicly(number=open_request.number, actor=engineer, body="On it.", now=MONDAY)
    assert folders_of(admin, open_request, now=MONDAY + 400 * timedelta(days=1)) == {"open", "all"}


@pytest.mark.parametrize(
    ("ago", "folder"),
    [(FOURTEEN_DAYS - HOUR, "recently_closed"), (FOURTEEN_DAYS + timedelta(seconds=1), "archived")],
)
def test_the_pages_show_the_folder_by_the_clock(closed_request, admin, ago, folder):
    """CH-4, CH-5"""
    ServiceRequest.objects.filter(pk=closed_request.pk).update(closed_at=clock.now() - ago)
    browser = factories.browser_of(Person.objects.get(pk=admin.person_id))

    shown = {
        name
        for name in ("open", "recently_closed", "archived", "all")
        if closed_request.number in browser.get(f"/requests/?folder={name}").content.decode()
    }

    assert shown == {folder, "all"}
    assert (closed_request.number in browser.get("/").content.decode()) == (folder == "recently_closed")


@pytest.mark.parametrize("wanted", [{"folder": "trash"}, {"states": ["done"]}, {"assignee": "you"}])
def test_an_unknown_filter_is_refused(admin, wanted):
    """P-8"""
    with pytest.raises(UnknownChoice):
        requests_page(admin, Wanted(**wanted), now=MONDAY)


# ── Pages of lists ──────────────────────────────────────────────────────────────────────────────────────────────────


@pytest.mark.parametrize("ordering", ["", *ORDERINGS])
def test_lists_lead_through_all_rows_and_back(admin, engineer, ordering):
    """CH-3: without gaps or repeats, also where rows arrive between pages."""
    known = [making.filed(admin, severity="ABC"[n % 3], now=MONDAY + n // 2 * HOUR) for n in range(9)]
    now = MONDAY + 5 * HOUR

    def pages(cursor=None, way="next"):
        found = requests_page(admin, ALL, now=now, ordering=ordering, cursor=cursor, size=2)
        yield found
        if onward := getattr(found, way):
            yield from pages(onward, way)

    there = list(pages())
    rows = [row for page in there for row in page.rows]
    back = list(pages(there[-1].previous, "previous"))

    assert sorted(row.pk for row in rows) == [row.pk for row in known]
    assert [row for page in reversed(back) for row in page.rows] == rows[:8]
    making.filed(admin, now=now)
    again = requests_page(admin, ALL, now=now, ordering=ordering, cursor=there[0].next, size=100).rows
    assert [row for row in again if row in known] == rows[2:]


def test_a_list_of_closed_and_open_requests_can_be_read_by_closing_page_by_page(open_request, engineer, admin):
    """CH-5: what is open has no such instant, and comes after what is closed."""
    closed = [making.filed(admin, severity="C", now=MONDAY) for _ in range(3)]
    for minute, service_request in enumerate(closed):
        at = MONDAY + timedelta(minutes=minute)
        close_request(number=service_request.number, actor=engineer, ending=Ending("solved", "Done."), now=at)

    rows, cursor = [], None
    for _ in range(4):
        found = requests_page(admin, ALL, now=MONDAY + HOUR, ordering="-closed_at", cursor=cursor, size=1)
        rows, cursor = [*rows, *found.rows], found.next

    assert rows == [*reversed(closed), open_request]
    assert cursor is None


def test_a_list_of_closed_requests_comes_by_closing_unless_told_otherwise(admin, engineer):
    """CH-5"""
    first, second = making.filed(admin, now=MONDAY), making.filed(admin, now=MONDAY + HOUR)
    for service_request, at in ((second, MONDAY + 2 * HOUR), (first, MONDAY + 3 * HOUR)):
        close_request(number=service_request.number, actor=engineer, ending=Ending("solved", "Done."), now=at)
    now = MONDAY + 4 * HOUR

    for wanted in (Wanted(folder="recently_closed"), Wanted(states=["closed"]), Wanted(states=["archived", "closed"])):
        assert requests_page(admin, wanted, now=now).rows == [first, second]
    assert requests_page(admin, ALL, now=now).rows == [second, first]
    assert requests_page(admin, Wanted(states=["closed"]), now=now, ordering="created_at").rows == [first, second]
