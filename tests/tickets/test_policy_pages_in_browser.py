"""The pages of policies in a real browser: accessible, on phones, in the dark, without a script."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta

import pytest
from playwright.sync_api import Browser, Page

from accounts import clock
from accounts.models import Person
from sla.policy_text import write_text
from tests import factories
from tests.browser import barriers, complaints_of, let_in
from tests.tickets import making
from tests.tickets.policies import capped, document, publish
from tickets.models import PolicyDraft
from tickets.services.conversation import reply_publicly
from tickets.services.policies import review_draft, save_draft, start_draft

WIDTHS = (1280, 390)
MINUTE = timedelta(minutes=1)


@pytest.fixture
def lead(live_portal: str) -> Person:
    return factories.make_staff("team_lead", name="Lea Lead")


@pytest.fixture
def draft(lead: Person) -> PolicyDraft:
    """A sound draft with its comparison: half an hour for A, which some answers were too late for."""
    customer = factories.make_organisation()
    factories.make_subscription(customer)
    admin, now, actor = (
        factories.actor(factories.make_person(customer, "global_admin")),
        clock.now(),
        factories.actor(lead),
    )
    for number, severity in enumerate("AABBBC"):
        filed = making.filed(admin, severity=severity, now=now - timedelta(hours=30 + 20 * number))
        if severity == "A":
            reply_publicly(number=filed.number, actor=actor, body="Looking", now=filed.created_at + 40 * MINUTE)
    publish(version=2)
    started = start_draft(actor=actor, name="Faster for A", version=2)
    changed = capped("billing", "B", version=3)
    changed["rules"]["technical"] = document(version=3, enterprise_a="PT30M", enterprise_b="PT8H")["rules"]["technical"]
    desk = {"timezone": "Asia/Taipei", "windows": {"0": [["09:00", "24:00"]]}, "holidays": ["2026-12-25"]}
    changed |= {"calendars": {"desk": desk}, "regions": {"CU": "calendar:desk"}}
    saved = save_draft(actor=actor, draft_id=started.pk, version=1, text=write_text(changed))
    return review_draft(actor=actor, draft_id=saved.pk, version=saved.version)


@pytest.fixture
def broken(lead: Person) -> PolicyDraft:
    """A draft with something wrong in a cell, in a ladder and in a calendar."""
    actor = factories.actor(lead)
    started = start_draft(actor=actor, name="Not yet", version=1)
    wrong = document(version=2, enterprise_a="soon")
    wrong |= {
        "ladders": {"business": {"A": [{"at": 0, "to": "nobody"}]}},
        "calendars": {"desk": {"timezone": "Nowhere"}},
    }
    return save_draft(actor=actor, draft_id=started.pk, version=1, text=write_text(wrong))


@pytest.fixture
def page(browser: Browser, live_portal: str, lead: Person) -> Iterator[Page]:
    with browser.new_context(base_url=live_portal, locale="en-GB") as context:
        let_in(context, lead, live_portal)
        yield context.new_page()


def test_every_page_is_accessible_and_fits_a_phone(page: Page, draft: PolicyDraft, broken: PolicyDraft) -> None:
    """WCAG 2.2 AA, in both themes"""
    sound, wrong = f"/staff/policies/drafts/{draft.pk}/", f"/staff/policies/drafts/{broken.pk}/"
    tails = ("", "ladders/?tier=enterprise&severity=A", "calendars/?calendar=desk", "text/", "review/", "publish/")
    addresses = [
        "/staff/policies/",
        "/staff/policies/2/",
        *(sound + tail for tail in tails),
        *(wrong + tail for tail in tails[:5]),
    ]
    complaints, faults = complaints_of(page), list[tuple[str, ...]]()
    for address in addresses:
        page.goto(address)
        for width in WIDTHS:
            page.set_viewport_size({"width": width, "height": 900})
            wide = page.evaluate("document.documentElement.scrollWidth > innerWidth")
            faults += [(address, str(width), "scrolls sideways")] if wide else []
        found = barriers(page)
        faults += [(address, each["id"], each["nodes"][0]["html"][:140]) for each in found]
    assert faults == []
    assert complaints == []
