"""The pages of policies: versions to read, drafts to write, a comparison to look at, and publishing in two steps."""

import json
import re

import pytest

from accounts.models import Event, Person
from sla.models import PolicyVersion
from sla.policy import DEFAULT_POLICY
from sla.policy_text import write_text
from tests import factories
from tests.tickets import making
from tests.tickets.policies import capped, document, publish, publish_document
from tickets.models import Commitment, PolicyDraft

pytestmark = pytest.mark.django_db


@pytest.fixture
def lead(db):
    """The browser of a team lead."""
    return factories.browser_of(factories.make_staff("team_lead", name="Lea Lead"))


@pytest.fixture
def draft(lead):
    """A draft that the lead began."""
    lead.post("/staff/policies/drafts/", {"version": 1, "name": "Faster"})
    return PolicyDraft.objects.get()


def at(draft, tail=""):
    return f"/staff/policies/drafts/{draft.pk}/{tail}"


def text_of(response):
    return response.content.decode()


def form_of(response):
    """What a browser would send back of the last form on a page: inputs, chosen options, checked boxes, texts."""
    html = re.findall(r'<form class="form".*?</form>', text_of(response), re.DOTALL)[-1]
    fields = {}
    for name, body in re.findall(r'<select [^>]*name="([^"]+)"[^>]*>(.*?)</select>', html, re.DOTALL):
        fields[name] = (re.search(r'<option value="([^"]*)" selected', body) or re.search(r'value="([^"]*)"', body))[1]
    for tag in re.findall(r"<input [^>]*>", html):
        values = dict(re.findall(r'(\w+)="([^"]*)"', tag))
        if values.get("type") != "checkbox":
            fields[values["name"]] = values.get("value", "")
        elif " checked" in tag:
            fields.setdefault(values["name"], []).append(values["value"])
    return fields | dict(re.findall(r'<textarea [^>]*name="([^"]+)"[^>]*>\n?(.*?)</textarea>', html, re.DOTALL))


def document_of(draft):
    draft.refresh_from_db()
    return json.loads(draft.text)


def test_versions_are_listed_newest_first_with_who_when_and_note(lead):
    """SLA-1"""
    publish(version=2)

    text = text_of(lead.get("/staff/policies/"))

    assert text.index("Version 2") < text.index("Version 1")
    assert "for a test" in text
    assert "In force" in text


def test_the_list_goes_on_page_by_page(lead):
    for version in range(2, 32):
        publish(version=version)
    first = lead.get("/staff/policies/")

    following = re.search(r'rel="next" href="([^"]+)"', text_of(first))[1].replace("&amp;", "&")
    text = text_of(lead.get("/staff/policies/" + following))

    assert "Version 31<" in text_of(first)
    assert "Version 6<" in text
    assert "Version 7<" not in text


def test_a_version_is_shown_in_words_with_what_it_changed(lead):
    """SLA-1"""
    publish(version=2, enterprise_a="PT30M")

    text = text_of(lead.get("/staff/policies/2/"))

    for words in ("within 30 minutes", "by the end of the next day", "no committed response time", "around the clock"):
        assert words in text
    assert (
        "Technical support · Enterprise · A</span>: within 1 hour, around the clock, every day → within 30 minutes"
        in text
    )


def test_a_version_can_be_kept_as_json(lead):
    """SLA-1"""
    answer = lead.get("/staff/policies/1.json")

    assert answer.json() == DEFAULT_POLICY
    assert answer["Content-Disposition"] == 'attachment; filename="policy-1.json"'


@pytest.mark.parametrize(("role", "reads", "publishes"), [("engineer", 200, 403), ("duty_manager", 200, 302)])
def test_engineers_read_and_leads_write(role, reads, publishes):
    """RO-3"""
    browser = factories.browser_of(factories.make_staff(role))

    assert browser.get("/staff/policies/").status_code == reads
    assert browser.get("/staff/policies/1/").status_code == reads
    assert browser.post("/staff/policies/drafts/", {"version": 1}).status_code == publishes


@pytest.mark.parametrize("tail", ["", "1/", "1.json", "drafts/1/", "drafts/1/review/", "drafts/1/publish/"])
def test_customers_have_no_policies(admin, tail):
    """RO-1"""
    browser = factories.browser_of(Person.objects.get(pk=admin.person_id))

    assert browser.get(f"/staff/policies/{tail}").status_code == 403


@pytest.mark.parametrize("tail", ["", "ladders/", "calendars/", "text/", "review/", "publish/"])
def test_an_engineer_sees_no_draft(draft, tail):
    """RO-3"""
    browser = factories.browser_of(factories.make_staff("engineer"))

    assert browser.get(at(draft, tail)).status_code == 403
    assert browser.post(at(draft, tail), {"draft_version": 1, "text": "{}"}).status_code == 403
    draft.refresh_from_db()
    assert draft.version == 1


def test_a_draft_begins_with_the_version_in_force_under_the_next_number(draft):
    """P-10"""
    assert document_of(draft) == {**DEFAULT_POLICY, "version": 2, "note": ""}
    assert Event.objects.filter(kind="policy_draft_started").count() == 1


def test_saving_the_table_untouched_changes_nothing(lead, draft):
    before = document_of(draft)

    lead.post(at(draft), form_of(lead.get(at(draft))))

    assert document_of(draft) == before
    assert draft.version == 2


def test_a_cell_and_a_cap_are_set_in_the_table(lead, draft):
    """SLA-1; settled point 7"""
    typed = form_of(lead.get(at(draft))) | {
        "availability-technical-enterprise-B": "business_hours",
        "target-technical-enterprise-B": "PT8H",
        "cap-billing": "B",
        "note": "Hours for B",
    }

    page = lead.post(at(draft), typed, follow=True)

    changed = document_of(draft)
    assert changed["rules"]["technical"]["enterprise"]["B"] == {"availability": "business_hours", "target": "PT8H"}
    assert changed["max_severity"] == {"billing": "B"}
    assert list(changed["rules"]["billing"]["business"]) == ["B", "C"]
    assert "The document is sound" in text_of(page)
    assert "counts as B" in text_of(page)


def test_a_lifted_cap_brings_back_its_cells(lead, draft):
    """Settled point 7"""
    lead.post(at(draft), form_of(lead.get(at(draft))) | {"cap-technical": "C"})
    lead.post(at(draft), form_of(lead.get(at(draft))) | {"cap-technical": "A"})

    column = document_of(draft)["rules"]["technical"]["elevated"]
    assert column == {severity: {"availability": "always", "target": "PT4H"} for severity in "ABC"}


def test_a_wrong_cell_is_kept_and_named_beside_it(lead, draft):
    """DESIGN, Commitments: an invalid one changes nothing and says which cell."""
    typed = form_of(lead.get(at(draft))) | {"target-technical-elevated-A": "soon"}

    text = text_of(lead.post(at(draft), typed, follow=True))

    assert document_of(draft)["rules"]["technical"]["elevated"]["A"]["target"] == "soon"
    assert "Technical support · Elevated · A · target" in text
    assert f'href="{at(draft)}#cell-technical-elevated-A"' in text
    assert 'aria-describedby="e-technical-elevated-A"' in text
    assert PolicyVersion.objects.count() == 1


def test_what_somebody_else_overtook_is_shown_again_and_not_lost(lead, draft):
    """P-2: no lost update."""
    typed = form_of(lead.get(at(draft))) | {"target-technical-enterprise-A": "PT20M"}
    other = factories.browser_of(factories.make_staff("duty_manager", name="Dora Duty"))
    other.post(at(draft, "text/"), {"draft_version": 1, "text": write_text(document(version=2))})

    answer = lead.post(at(draft), typed)

    assert answer.status_code == 409
    assert "Dora Duty" in text_of(answer)
    assert 'value="PT20M"' in text_of(answer)
    assert document_of(draft) == document(version=2)
    lead.post(at(draft), form_of(answer))
    assert document_of(draft)["rules"]["technical"]["enterprise"]["A"]["target"] == "PT20M"


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ('{"version": 2,\n "rules": }', "line 2, column 11"),
        ("[]", "must be an object"),
        ('{"version": 2, "version": 3}', "“version” is there twice"),
        ('{"version": NaN}', "“NaN” is no value"),
        ('{"note": "\\u0000"}', "cannot be stored"),
        ('{"note": "\\ud800"}', "cannot be stored"),
        ("[" * 100_000, "nested too deeply"),
        ("9" * 5_000, "too long"),
        ("", "line 1, column 1"),
    ],
)
def test_a_text_that_is_no_document_is_kept_and_explained(lead, draft, text, words):
    """P-8"""
    page = lead.post(at(draft, "text/"), {"draft_version": 1, "text": text}, follow=True)

    draft.refresh_from_db()
    assert draft.text == text
    assert words in text_of(page)
    assert lead.get(at(draft)).status_code == 200
    assert "The text is no document" in text_of(lead.get(at(draft, "ladders/"))) or text.startswith('{"note')


def test_steps_of_a_ladder_are_added_removed_and_reset(lead, draft):
    """RO-3: the ladder is data."""
    here = at(draft, "ladders/?tier=enterprise&severity=A")
    typed = form_of(lead.get(here)) | {"at-4": "60", "to-4": ["team", "senior_engineer"], "remove-1": "1"}
    lead.post(here, typed)

    assert document_of(draft)["ladders"] == {
        "enterprise": {
            "A": [
                {"at": 50, "to": "assignee_or_team"},
                {"at": 100, "to": "duty_manager"},
                {"at": 200, "to": ["duty_manager", "account_manager"]},
                {"at": 60, "to": ["team", "senior_engineer"]},
            ]
        }
    }
    assert "60 %: the team, the senior engineers" in text_of(lead.get(at(draft, "ladders/")))

    lead.post(here, form_of(lead.get(here)) | {"default": "1"})

    assert "ladders" not in document_of(draft)


def test_a_wrong_step_is_named(lead, draft):
    """DESIGN, Commitments"""
    here = at(draft, "ladders/?tier=enterprise&severity=A")

    text = text_of(lead.post(here, form_of(lead.get(here)) | {"at-0": "soon", "to-1": []}, follow=True))

    assert "“soon” is no whole number of per cent" in text
    assert "names no recipient" in text


def test_a_calendar_and_a_region_are_set_in_forms(lead, draft):
    """SLA-4"""
    here = at(draft, "calendars/?calendar=")
    calendar = {"name": "desk", "timezone": "Asia/Taipei", "holidays": "2026-12-25\n2027-01-01", "draft_version": 1}
    lead.post(here, calendar | {f"windows-{day}": "09:00–12:00, 13:00-24:00" for day in range(7)})
    regions = {"draft_version": 2, "country-0": "cu", "hours-0": "calendar:desk"}
    lead.post(at(draft, "calendars/"), regions)

    changed = document_of(draft)
    windows = {str(day): [["09:00", "12:00"], ["13:00", "24:00"]] for day in range(7)}
    assert changed["calendars"]["desk"] == {
        "timezone": "Asia/Taipei",
        "windows": windows,
        "holidays": ["2026-12-25", "2027-01-01"],
    }
    assert changed["regions"] == {"CU": "calendar:desk"}
    lead.post(at(draft, "calendars/"), form_of(lead.get(at(draft, "calendars/"))))
    assert document_of(draft) == changed
    lead.post(at(draft, "calendars/?calendar=desk"), {"draft_version": 4, "remove": "1"})
    assert "brings no calendar named “desk”" in text_of(lead.get(at(draft, "calendars/")))


def test_a_draft_is_compared_and_published_in_two_steps(lead, draft, admin):
    """SLA-1, P-10"""
    filed = making.filed(admin)
    lead.post(at(draft, "text/"), {"draft_version": 1, "text": write_text(document(version=2, enterprise_a="PT30M"))})
    review = text_of(lead.get(at(draft, "review/")))
    assert "within 1 hour, around the clock, every day → within 30 minutes, around the clock, every day" in review
    assert "Go on to publishing" not in review

    refused = lead.post(at(draft, "publish/"), {"draft_version": 2})
    assert refused.status_code == 409
    compared = text_of(lead.post(at(draft, "review/"), {"draft_version": 2}, follow=True))
    assert filed.number in compared
    assert "<svg" in compared
    assert "Go on to publishing" in compared
    assert "Version 2 takes the place of version 1" in text_of(lead.get(at(draft, "publish/")))
    assert PolicyVersion.objects.count() == 1

    done = lead.post(at(draft, "publish/"), {"draft_version": 2}, follow=True)

    assert "Version 2 is in force." in text_of(done)
    assert PolicyVersion.objects.get(version=2).published_by == "Lea Lead"
    told = Event.objects.filter(kind__startswith="policy_").order_by("id").values_list("kind", "ref")
    kinds = ("policy_draft_started", "policy_draft_saved", "policy_draft_reviewed")
    assert list(told) == [*((kind, "") for kind in kinds), ("policy_published", "policy:2")]
    assert not PolicyDraft.objects.exists()
    assert Commitment.objects.get().policy_version_id == 1


def test_a_change_after_the_comparison_asks_for_another_one(lead, draft):
    """SLA-1"""
    lead.post(at(draft, "review/"), {"draft_version": 1})
    lead.post(at(draft, "text/"), {"draft_version": 1, "text": write_text(document(version=2))})

    answer = lead.post(at(draft, "publish/"), {"draft_version": 2})

    assert answer.status_code == 409
    assert PolicyVersion.objects.count() == 1


def test_a_version_published_meanwhile_is_a_clear_conflict(lead, draft):
    """SLA-1"""
    lead.post(at(draft, "review/"), {"draft_version": 1})
    publish(version=2, enterprise_a="PT30M")

    answer = lead.post(at(draft, "publish/"), {"draft_version": 1})

    assert answer.status_code == 409
    assert "Another version came into force meanwhile" in text_of(answer)
    caught_up = text_of(lead.post(at(draft, "catch-up/"), {"draft_version": 1}, follow=True))
    assert "within 30 minutes, around the clock, every day → within 1 hour" in caught_up
    assert document_of(draft)["version"] == 3
    lead.post(at(draft, "review/"), {"draft_version": 2})
    lead.post(at(draft, "publish/"), {"draft_version": 2})
    assert PolicyVersion.objects.filter(version=3).exists()


def test_an_invalid_draft_cannot_be_compared_or_published(lead, draft):
    """DESIGN, Commitments"""
    lead.post(at(draft, "text/"), {"draft_version": 1, "text": "{}"})

    assert lead.post(at(draft, "review/"), {"draft_version": 2}, follow=True).status_code == 200
    assert lead.post(at(draft, "publish/"), {"draft_version": 2}).status_code == 409
    assert PolicyVersion.objects.count() == 1


def test_a_draft_is_discarded_on_record(lead, draft):
    """P-10"""
    stale = lead.post(at(draft, "discard/"), {"draft_version": 7})
    assert (stale.status_code, PolicyDraft.objects.count()) == (302, 1)

    lead.post(at(draft, "discard/"), {"draft_version": 1})

    assert not PolicyDraft.objects.exists()
    assert Event.objects.filter(kind="policy_draft_discarded").count() == 1
    assert lead.get(at(draft)).status_code == 404


def test_the_pages_say_what_a_cap_does(lead):
    """Settled point 7"""
    publish_document(capped("billing", "B", version=2))

    assert "Treated as B at most." in text_of(lead.get("/staff/policies/2/"))


@pytest.mark.parametrize("path", ["7/", "7.json", "99999999999999999999/", "drafts/7/", "drafts/99999999999999999999/"])
def test_what_does_not_exist_is_not_found(lead, path):
    """P-8"""
    assert lead.get(f"/staff/policies/{path}").status_code == 404
