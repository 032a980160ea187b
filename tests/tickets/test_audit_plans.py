"""How PostgreSQL reads an audit trail of 100,000 records: by index, whatever is asked for, on every road (P-10)."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime, timedelta
from typing import Any

import pytest

from accounts import clock
from accounts.keyset import page
from accounts.models import Person
from accounts.selectors import trail
from accounts.selectors.trail import Wanted
from accounts.services import heads, sealing
from bench import crowd
from bench import trail as records
from bench.crowd import Crowd
from bench.explaining import Plan, plan_of
from tests import databases, factories
from tests.tickets.test_plans import MOST_SORTED
from tickets import audit_lines
from tickets.audit_lines import csv_file, described, ndjson_lines

RECORDS = 100_000
LARGE = {"accounts_event", "accounts_seal"}
SPAN_SORTED = 500  # rows: what fits a span of days may be sorted as a whole
MOST_LEFT_OUT = RECORDS // 40  # rows: little more than all there is of an ordinary organisation
READERS = ("large", "ordinary", "lead")
WANTED = {
    "everything": Wanted(),
    "a kind": Wanted(kinds=["signed_in"]),
    "a rare kind": Wanted(kinds=["delegation_granted"]),
    "a kind that others have": Wanted(kinds=["signed_out"]),
    "a kind that nobody has": Wanted(kinds=["webhook_added"]),
    "several kinds": Wanted(kinds=["signed_in", "delegation_granted", "webhook_added"]),
    "a mail address": Wanted(actor="crowd-0@example.com"),
    "a name": Wanted(actor="Admin of crowd"),
    "the name of an engineer": Wanted(actor="Engineer 1"),
    "a name that nobody has": Wanted(actor="nobody"),
    "people of the organisation": Wanted(acted_by="own"),
    "partners": Wanted(acted_by="partners"),
    "support": Wanted(acted_by="support"),
    "the portal": Wanted(acted_by="portal"),
    "a request": Wanted(number="SR-100000040"),
    "a call": Wanted(request_id="of-the-trail-4711"),
    "an address": Wanted(address="198.51.100.1"),
    "a rare address": Wanted(address=records.RARE_ADDRESS),
    "a kind by somebody": Wanted(kinds=["signed_in"], actor="Admin of crowd-0"),
}
OF_STAFF = {
    "an organisation": Wanted(organisation="crowd-1"),
    "a large organisation": Wanted(organisation="crowd-0"),
    "what customers see": Wanted(records="customers"),
    "what they do not see": Wanted(records="desk"),
    "an organisation and a kind": Wanted(organisation="crowd-1", kinds=["policy_draft_saved"]),
}


@pytest.fixture(scope="module")
def desk(django_db_setup: None, django_db_blocker: Any) -> Iterator[Crowd]:
    """A desk with 20 customers and 100,000 records, half of them about one customer."""
    with django_db_blocker.unblock(), databases.copied("trail"):
        made = crowd.gather(requests=100, organisations=20, engineers=5)
        records.write(records=RECORDS, large=made.large)
        records.place_without_hashes()
        yield made


def reader(desk: Crowd, who: str) -> Any:
    """Somebody as they act: the admin of the customer with half of the records, of another, or a lead of the desk."""
    person: Person = factories.make_staff("team_lead") if who == "lead" else getattr(desk, who)
    return factories.actor(person)


def is_served(plan: Plan, *, sorting: int = MOST_SORTED) -> bool:
    """Neither events nor seals are read from end to end, or sorted by the thousand, or mostly in vain."""
    assert not plan.scanned & LARGE, plan
    assert plan.most_sorted <= sorting, plan
    assert plan.most_left_out <= MOST_LEFT_OUT, plan
    return True


def two_pages(actor: Any, wanted: Wanted) -> None:
    """What a page or a call reads, and the next."""
    first = page(trail.trail(actor, wanted), order=trail.ORDER)
    described(actor, first.rows)
    if first.next:
        page(trail.trail(actor, wanted), order=trail.ORDER, cursor=first.next)


@pytest.mark.parametrize(
    ("who", "what"), [*((who, what) for who in READERS for what in WANTED), *(("lead", what) for what in OF_STAFF)]
)
def test_every_filter_of_pages_and_api_is_served_by_an_index(desk, who, what):
    """P-10, P-8"""
    actor, wanted = reader(desk, who), {**WANTED, **OF_STAFF}[what]

    assert is_served(plan_of(lambda: two_pages(actor, wanted)))


def days(now: datetime, first: float, last: float) -> Wanted:
    """Some days of the month that the trail covers."""
    return Wanted(since=now - timedelta(days=first), until=now - timedelta(days=last), kinds=["customer_wrote"])


@pytest.mark.parametrize("who", READERS)
def test_a_span_of_days_is_served_by_an_index(desk, who):
    """P-10: also one that lies far back"""
    actor, wanted = reader(desk, who), days(clock.now(), 30, 29)

    assert is_served(plan_of(lambda: two_pages(actor, wanted)), sorting=SPAN_SORTED)


@pytest.mark.parametrize("file_format", ["ndjson", "csv"])
def test_an_export_reads_portions_by_index(desk, monkeypatch, file_format):
    """P-10: each portion costs the same, wherever it lies"""
    monkeypatch.setattr(audit_lines, "PORTION", 50)  # so that what is sorted at once is told from what is read in all
    actor, wanted = reader(desk, "large"), days(clock.now(), 30, 29.5)

    def write() -> None:
        chain = desk.large.organisation_id
        is_csv = file_format == "csv"
        lines: Any = (
            csv_file(actor, wanted, language="en") if is_csv else ndjson_lines(actor, wanted, chain=chain, at="")
        )
        assert sum(1 for _ in lines) > 100

    assert is_served(plan_of(write), sorting=SPAN_SORTED)


def test_heads_and_seals_are_read_by_index(desk):
    """P-10: by each sweep and on each page"""
    chains = [desk.large.organisation_id, 0]

    assert is_served(plan_of(lambda: (sealing.heads_of(chains), sealing.sealing_lag(), heads.mail_heads())))
