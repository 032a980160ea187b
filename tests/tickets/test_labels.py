"""Which decisions of engineers are labels of the assessment, and what they say together (SE-1, SE-5, SC-6)."""

import io
import json
from datetime import timedelta

import pytest
from django.core.management import call_command
from django.test import Client

from accounts import clock
from accounts.errors import NotPermitted
from accounts.models import Person, Subscription
from severity.assessment import ENGINE_VERSION, Impact
from tests import factories
from tests.tickets import making
from tests.tickets.test_budgets import cost_of
from tickets.models import SeverityDecision
from tickets.selectors import labels
from tickets.selectors.labels import Narrowed
from tickets.services.closing import Ending, close_request, reopen_request
from tickets.services.conversation import reply_publicly
from tickets.services.corrections import correct_request
from tickets.services.disputes import agree_to_dispute, decline_dispute, dispute_severity
from tickets.services.filing import file_request
from tickets.services.severity import change_severity

MINUTE, DAY = timedelta(minutes=1), timedelta(days=1)
MICROSECOND = timedelta(microseconds=1)
UNSURE = {
    "subject": "Mail",
    "description": "Mail does not work for some of us.",
    "impact": Impact(service_state="available", users_affected="single_user"),
}


@pytest.fixture
def at(db):
    """Three days ago."""
    return clock.now() - 3 * DAY


@pytest.fixture
def lead(db):
    return factories.actor(factories.make_staff("team_lead"))


def decide(row, engineer, severity, *, at):
    change_severity(number=row.number, actor=engineer, severity=severity, reason="After reading.", now=at)


def answer(row, engineer, *, at):
    reply_publicly(number=row.number, actor=engineer, body="We are on it.", now=at)


def told(since=None, *, now=None):
    """Every label as (severity, assessed, how)."""
    since = since or (now or clock.now()) - labels.REPORTED
    return [(row["severity"], row["assessed"]["severity"], row["label"]) for row in labels.labelled_cases(since=since)]


def claimed(admin, *, at):
    """A request that is assessed B, and whose admin sets A."""
    reference = Subscription.objects.get().reference
    filing = making.filing(**making.FORMS["B"], severity="A", subscription=reference)
    return file_request(actor=admin, filing=filing, now=at)


# ── which decisions count ───────────────────────────────────────────────────────────────────────────────────────────


def test_an_engineers_first_decision_before_the_response_is_a_label(admin, engineer, at):
    """SE-5"""
    row = making.filed(admin, severity="B", now=at)
    decide(row, engineer, "A", at=at + MINUTE)
    decide(row, engineer, "C", at=at + 2 * MINUTE)

    assert told() == [("A", "B", "decided")]


@pytest.mark.parametrize(("after", "expected"), [(timedelta(0), [("C", "B", "decided")]), (MICROSECOND, [])])
def test_a_decision_counts_through_the_instant_of_the_response(admin, engineer, at, after, expected):
    """SE-5: a severity changed later may be that of another situation, so that nothing is known then"""
    row = making.filed(admin, severity="B", now=at)
    answer(row, engineer, at=at + MINUTE)
    decide(row, engineer, "C", at=at + MINUTE + after)

    assert told() == expected


def test_an_answer_without_a_word_about_the_severity_leaves_it_unchanged(admin, engineer, at):
    """SE-5"""
    row = making.filed(admin, severity="B", now=at)
    assert told() == []

    answer(row, engineer, at=at + MINUTE)

    assert told() == [("B", "B", "unchanged")]


@pytest.mark.parametrize(
    ("ending", "expected"),
    [
        (Ending("solved", "Done."), [("B", "B", "unchanged")]),
        (Ending("workaround", "Do this."), [("B", "B", "unchanged")]),
    ],
)
def test_a_close_by_an_engineer_is_an_answer(admin, engineer, at, ending, expected):
    """SE-5"""
    row = making.filed(admin, severity="B", now=at)
    close_request(number=row.number, actor=engineer, ending=ending, now=at + MINUTE)

    assert told() == expected


def test_of_a_duplicate_nobody_judged_the_severity(admin, engineer, at):
    original = making.filed(admin, severity="B", now=at)
    row = making.filed(admin, severity="B", now=at)
    ending = Ending("duplicate", "See there.", duplicate_of=original.number)
    close_request(number=row.number, actor=engineer, ending=ending, now=at + MINUTE)

    assert told() == []


def test_a_request_that_its_admin_closes_unanswered_is_no_label(admin, at):
    row = making.filed(admin, severity="B", now=at)
    close_request(number=row.number, actor=admin, ending=Ending("withdrawn"), now=at + MINUTE)

    assert told() == []


def test_what_waits_for_confirmation_is_no_label_until_a_person_has_decided(admin, engineer, at):
    """Settled point 9: then whenever that is, for nobody has judged it before"""
    row = making.filed(admin, now=at, **UNSURE)
    assert row.needs_confirmation
    assessed = SeverityDecision.objects.get().severity
    answer(row, engineer, at=at + MINUTE)
    assert told() == []

    decide(row, engineer, "B", at=at + DAY)

    assert told() == [("B", assessed, "decided")]


def test_after_reopening_decisions_are_about_another_situation(admin, engineer, at):
    """CH-4"""
    row = making.filed(admin, severity="B", now=at)
    close_request(number=row.number, actor=admin, ending=Ending("solved"), now=at + MINUTE)
    reopen_request(number=row.number, actor=admin, reason="Again.", now=at + 2 * MINUTE)
    decide(row, engineer, "A", at=at + 3 * MINUTE)

    assert told() == []


def test_a_severity_that_the_customer_set_says_nothing_of_the_assessment(organisation, admin, engineer, at):
    """SE-5"""
    factories.make_elevated_contract(organisation)
    answer(claimed(admin, at=at), engineer, at=at + MINUTE)
    assert told() == []

    decide(claimed(admin, at=at), engineer, "C", at=at + MINUTE)

    assert told() == [("C", "B", "decided")]


@pytest.mark.parametrize(("declines", "severity"), [(True, "B"), (False, "A")])
def test_a_dispute_settled_before_the_response_is_decided(admin, engineer, at, declines, severity):
    """SE-5: declined as well, for an engineer said that the severity stands"""
    number, senior = making.filed(admin, severity="B", now=at).number, factories.make_staff("senior_engineer")
    dispute_severity(number=number, actor=admin, severity="A", statement="All of us.", now=at + MINUTE)
    settle = decline_dispute if declines else agree_to_dispute
    settle(number=number, actor=factories.actor(senior), reason="After reading.", now=at + 2 * MINUTE)
    assert told() == [(severity, "B", "decided")]

    reply_publicly(number=number, actor=engineer, body="We are on it.", now=at + 3 * MINUTE)

    assert told() == [(severity, "B", "decided")]


def test_a_dispute_declined_after_the_response_is_no_label(admin, engineer, at):
    """SE-5"""
    row, senior = making.filed(admin, severity="B", now=at), factories.make_staff("senior_engineer")
    answer(row, engineer, at=at + MINUTE)
    dispute_severity(number=row.number, actor=admin, severity="A", statement="All of us.", now=at + 2 * MINUTE)
    decline_dispute(number=row.number, actor=factories.actor(senior), reason="It works.", now=at + 3 * MINUTE)

    assert told() == []


def test_a_test_of_an_integration_is_no_label(admin, engineer, at):
    row = making.filed(admin, severity="B", now=at, is_test=True)
    decide(row, engineer, "A", at=at + MINUTE)
    answer(making.filed(admin, severity="B", now=at, is_test=True), engineer, at=at + MINUTE)

    assert told() == []


@pytest.mark.parametrize(("later", "counts"), [(-MICROSECOND, True), (timedelta(0), False)])
def test_labels_are_of_the_last_90_days(admin, engineer, lead, at, later, counts):
    row = making.filed(admin, severity="B", now=at)
    decide(row, engineer, "A", at=at)
    answer(making.filed(admin, severity="B", now=at), engineer, at=at)
    now = at + labels.REPORTED + later

    found = labels.tallies(lead, Narrowed(), now=now)

    assert sum(tally.judged.cases for tally in found) == (2 if counts else 0)


# ── what they say together ──────────────────────────────────────────────────────────────────────────────────────────


@pytest.fixture
def labelled(admin, engineer, at):
    """A raised B, a lowered A, and three left unchanged, one of which was sorted anew."""
    raised, lowered = making.filed(admin, severity="B", now=at), making.filed(admin, severity="A", now=at)
    decide(raised, engineer, "A", at=at + MINUTE)
    decide(lowered, engineer, "B", at=at + 2 * MINUTE)
    for severity in "ABC":
        answer(making.filed(admin, severity=severity, now=at), engineer, at=at + 3 * MINUTE)
    particulars = {"scope": "developer", "category": "technical.advisory"}
    correct_request(number=raised.number, actor=engineer, particulars=particulars, now=at + 4 * MINUTE)
    return raised, lowered


def test_alike_labels_are_counted_by_the_database(labelled, lead):
    found = labels.tallies(lead, Narrowed(), now=clock.now())

    counted = {(t.judged.labelled, t.judged.assessed, t.decided): t.judged.cases for t in found}
    assert counted == {
        ("A", "B", True): 1,
        ("B", "A", True): 1,
        ("A", "A", False): 1,
        ("B", "B", False): 1,
        ("C", "C", False): 1,
    }
    engine = SeverityDecision.objects.filter(source="engine", severity="C").get()
    sure = next(t.judged.confidence for t in found if t.judged.labelled == "C")
    assert sure == pytest.approx(engine.assessment["confidence"])
    assert (sum(t.scopes_right for t in found), sum(t.categories_right for t in found)) == (4, 4)
    assert {(t.judged.language, t.engine) for t in found} == {("en", engine.engine_version)}


def test_labels_are_narrowed_to_a_service_and_to_what_was_decided(labelled, admin, engineer, lead, at):
    answer(making.filed(admin, severity="B", now=at, service="identity"), engineer, at=at + MINUTE)

    def cases(**wishes):
        return sum(t.judged.cases for t in labels.tallies(lead, Narrowed(**wishes), now=clock.now()))

    assert (cases(), cases(service="identity"), cases(decided_only=True)) == (6, 1, 2)


def test_mistakes_are_found_by_direction_language_and_engine(labelled, lead):
    now, (raised, lowered) = clock.now(), labelled

    under, over = (labels.mistakes(lead, Narrowed(), way, now=now) for way in ("under", "over"))

    assert [(m.number, m.assessed, m.decided) for m in under] == [(raised.number, "B", "A")]
    assert [(m.number, m.assessed, m.decided) for m in over] == [(lowered.number, "A", "B")]
    for wishes in ({"language": "de"}, {"engine": "0"}, {"service": "identity"}):
        assert labels.mistakes(lead, Narrowed(**wishes), "under", now=now) == []


def test_corrections_are_counted_by_what_became_of_what(labelled, lead):
    """SC-6"""
    found = labels.sortings(lead, Narrowed(), now=clock.now())

    assert {(s.what, s.previous, s.corrected, s.requests) for s in found} == {
        ("scope", "in_scope", "developer", 1),
        ("category", "technical.configuration", "technical.advisory", 1),
    }
    assert labels.sortings(lead, Narrowed(language="de"), now=clock.now()) == []
    assert labels.sortings(lead, Narrowed(service="identity"), now=clock.now()) == []


def test_a_senior_engineer_sees_what_the_gate_shows_them(labelled, admin, lead, at):
    """P-5: no pre-sales and no billing"""
    billing = making.filed(admin, severity="C", category="billing", service="", now=at)
    answer(billing, factories.actor(factories.make_staff("billing_specialist")), at=at + MINUTE)
    senior = factories.actor(factories.make_staff("senior_engineer"))

    seen = {
        who: sum(t.judged.cases for t in labels.tallies(who, Narrowed(), now=clock.now())) for who in (lead, senior)
    }

    assert seen == {lead: 6, senior: 5}


def test_engineers_and_customers_are_refused(labelled, engineer, admin):
    for actor in (engineer, admin):
        for ask in (labels.tallies, labels.sortings):
            with pytest.raises(NotPermitted):
                ask(actor, Narrowed(), now=clock.now())
        with pytest.raises(NotPermitted):
            labels.mistakes(actor, Narrowed(), "under", now=clock.now())


# ── the page ────────────────────────────────────────────────────────────────────────────────────────────────────────

ADDRESS = "/staff/assessment/"


@pytest.fixture
def browser(db):
    return factories.browser_of(factories.make_staff("team_lead", "senior_engineer"))


def test_the_page_tells_the_figures_and_links_to_the_mistakes(labelled, browser):
    """SE-1, SE-5"""
    page = browser.get(ADDRESS).content.decode()

    assert "60 %" in page  # accuracy
    assert "2 decided, 3 left unchanged" in page
    for row in labelled:
        assert f'href="/requests/{row.number}/"' in page
    assert "Programming on the platform" in page
    assert page.count('<svg class="chart') == 1
    assert f'href="{ADDRESS}" ' in page  # in the navigation


def test_the_page_can_be_narrowed_and_passes_over_what_is_unknown(labelled, browser):
    assert browser.get(f"{ADDRESS}?decisions=decided").context["cases"] == 2
    assert browser.get(f"{ADDRESS}?language=en").context["cases"] == 5
    assert browser.get(f"{ADDRESS}?service=exchange_online&engine={ENGINE_VERSION}").context["cases"] == 5
    for unknown in ("language=de", "engine=nothing", "language=de&engine=nothing&service=none"):
        shown = browser.get(f"{ADDRESS}?{unknown}")
        assert (shown.context["cases"], len(shown.context["sortings"])) == (5, 2)
        assert [each["current"] for each in shown.context["filters"]] == [""] * 4
    assert browser.get(f"{ADDRESS}?service=%00&language=%FF&decisions=x").status_code == 200


def test_without_labels_the_page_says_so(browser):
    page = browser.get(ADDRESS).content.decode()

    assert "There are no decisions to measure" in page
    assert '<svg class="chart' not in page


def test_those_who_look_after_the_assessment_read_the_page_and_nobody_else(admin, labelled):
    """RO-1"""
    for role, status in (
        ("senior_engineer", 200),
        ("team_lead", 200),
        ("duty_manager", 200),
        ("engineer", 403),
        ("account_manager", 403),
        ("operator", 403),
    ):
        assert factories.browser_of(factories.make_staff(role)).get(ADDRESS).status_code == status, role
    assert factories.browser_of(Person.objects.get(pk=admin.person_id)).get(ADDRESS).status_code == 403
    assert Client().get(ADDRESS).status_code == 302


def test_the_page_costs_the_same_for_few_labels_and_for_many(labelled, admin, engineer, browser, at):
    """STYLE section 5"""
    alone = cost_of(browser, ADDRESS)
    for number in range(12):
        row = making.filed(admin, severity="AB"[number % 2], now=at)
        decide(row, engineer, "BA"[number % 2], at=at + MINUTE)
        correct_request(number=row.number, actor=engineer, particulars={"scope": "scripting"}, now=at + 2 * MINUTE)

    assert cost_of(browser, ADDRESS) == alone <= 10
    assert browser.get(ADDRESS).context["cases"] == 17


# ── the command ─────────────────────────────────────────────────────────────────────────────────────────────────────


def exported(*options):
    out = io.StringIO()
    call_command("export_corrections", *options, stdout=out)
    return [json.loads(line) for line in out.getvalue().splitlines()]


def test_labels_are_exported_as_lines_that_the_evaluation_reads(labelled, admin, engineer, at, tmp_path):
    """SE-1"""
    only_sorted = making.filed(admin, severity="C", now=at)
    correct_request(number=only_sorted.number, actor=engineer, particulars={"scope": "third_party"}, now=at + MINUTE)

    rows = exported()

    assert [row["label"] for row in rows] == ["decided", "decided", "unchanged", "unchanged", "unchanged", "sorting"]
    assert rows[0] == {
        "id": labelled[0].number,
        "lang": "en",
        "subject": making.IMPAIRED["subject"],
        "body": making.IMPAIRED["description"],
        "severity": "A",
        "scope": "developer",
        "category": "technical.advisory",
        "filed_category": "technical.configuration",
        "service_state": "degraded",
        "users_affected": "single_user",
        "business_impact": "moderate",
        "label": "decided",
        "decided_at": rows[0]["decided_at"],
        "assessed": {
            "severity": "B",
            "confidence": rows[0]["assessed"]["confidence"],
            "scope": "in_scope",
            "category": "technical.configuration",
            "engine_version": ENGINE_VERSION,
        },
    }
    assert (rows[-1]["id"], rows[-1]["severity"], rows[-1]["scope"]) == (only_sorted.number, None, "third_party")
    file, out = tmp_path / "cases.jsonl", io.StringIO()
    file.write_text("".join(f"{json.dumps(row)}\n" for row in rows), encoding="utf-8")
    call_command("assess_severity", "--with-form", "--evaluate", str(file), stdout=out)
    assert "cases           6" in out.getvalue()
    assert "accuracy        0.600" in out.getvalue()


def test_the_category_as_it_was_filed_is_exported_however_often_it_was_corrected(admin, engineer, at):
    """SE-1"""
    corrected, left = (making.filed(admin, severity="B", now=at).number for _ in range(2))
    for minutes, category in enumerate(("technical.advisory", "technical.install_setup"), start=1):
        particulars = {"category": category}
        correct_request(number=corrected, actor=engineer, particulars=particulars, now=at + minutes * MINUTE)
    for number in (corrected, left):
        reply_publicly(number=number, actor=engineer, body="We are on it.", now=at + 3 * MINUTE)

    assert [(row["id"], row["filed_category"], row["category"]) for row in exported()] == [
        (corrected, "technical.configuration", "technical.install_setup"),
        (left, "technical.configuration", "technical.configuration"),
    ]


def test_the_export_takes_days_and_decided_ones_only(labelled, admin, engineer):
    old = clock.now() - 100 * DAY
    decide(making.filed(admin, severity="B", now=old), engineer, "C", at=old + MINUTE)

    assert len(exported()) == 5
    assert len(exported("--days", "365")) == 6
    assert [row["label"] for row in exported("--decided-only")] == ["decided", "decided"]


@pytest.mark.parametrize("days", ["0", "-1", "x", "40000"])
def test_days_that_are_none_are_refused(db, days):
    with pytest.raises(Exception, match="days"):
        exported("--days", days)
