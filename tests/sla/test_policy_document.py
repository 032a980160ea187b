"""Policy documents are checked whole, and every refusal names its cell."""

import copy

import pytest
from django.utils.translation import override

from sla.errors import PolicyInvalid
from sla.policy import DEFAULT_POLICY, Policy
from sla.problem_wording import PROBLEMS, problem_text
from sla.vocabulary import KINDS, SEVERITIES, TIERS

CALENDAR = {"timezone": "Europe/Paris", "windows": {"0": [["09:00", "18:00"]]}, "holidays": []}
CELL = {"availability": "always", "target": "PT1H"}
ABSENT = object()


def changed(path, value):
    """The default document with one place set, or removed."""
    document = copy.deepcopy(DEFAULT_POLICY)
    *parents, last = path.split("/")
    place = document
    for key in parents:
        place = place.setdefault(key, {})
    if value is ABSENT:
        del place[last]
    else:
        place[last] = value
    return document


def problems_of(document):
    with pytest.raises(PolicyInvalid) as refusal:
        Policy.from_document(document)
    return [(problem.path, problem.code) for problem in refusal.value.problems]


@pytest.mark.parametrize("severity", SEVERITIES)
@pytest.mark.parametrize("tier", TIERS)
@pytest.mark.parametrize("kind", KINDS)
def test_every_cell_must_be_present(kind, tier, severity):
    """SLA-1"""
    path = f"rules.{kind}.{tier}.{severity}"

    assert problems_of(changed(path.replace(".", "/"), ABSENT)) == [(path, "missing")]


CASES = [
    ("version", ABSENT, "version", "missing"),
    ("version", 0, "version", "version_not_positive"),
    ("version", True, "version", "version_not_positive"),
    ("version", "2", "version", "version_not_positive"),
    ("version", 2.0, "version", "version_not_positive"),
    ("version", 10**12, "version", "version_not_positive"),
    ("note", 7, "note", "note_not_text"),
    ("note", "x" * 2001, "note", "note_not_text"),
    ("note", "a\0b", "note", "note_not_text"),
    ("colour", "red", "colour", "unknown_key"),
    ("rules", ABSENT, "rules", "missing"),
    ("rules/sales", {}, "rules.sales", "unknown_key"),
    ("rules/technical", ABSENT, "rules.technical", "missing"),
    ("rules/technical/gold", {}, "rules.technical.gold", "unknown_key"),
    ("rules/billing/business", ABSENT, "rules.billing.business", "missing"),
    ("rules/billing/business/D", CELL, "rules.billing.business.D", "unknown_key"),
    ("rules/billing/business/A", "PT1H", "rules.billing.business.A", "not_an_object"),
    ("rules/billing/business/A/availability", ABSENT, "rules.billing.business.A.availability", "missing"),
    ("rules/billing/business/A/target", ABSENT, "rules.billing.business.A.target", "missing"),
    ("rules/billing/business/A/breach", 1, "rules.billing.business.A.breach", "unknown_key"),
    (
        "rules/billing/business/A/availability",
        "24/7",
        "rules.billing.business.A.availability",
        "availability_unreadable",
    ),
    (
        "rules/billing/business/A/availability",
        "calendar:x",
        "rules.billing.business.A.availability",
        "calendar_unknown",
    ),
    ("rules/billing/business/A/target", "1 hour", "rules.billing.business.A.target", "target_unreadable"),
    ("rules/billing/business/A/target", None, "rules.billing.business.A.target", "target_unreadable"),
    ("rules/billing/business/A/target", "PT0S", "rules.billing.business.A.target", "target_zero"),
    ("calendars", [], "calendars", "not_an_object"),
    ("calendars/two words", CALENDAR, "calendars.two words", "calendar_name_unreadable"),
    ("calendars/paris", {**CALENDAR, "timezone": "Paris"}, "calendars.paris.timezone", "unknown_timezone"),
    ("calendars/paris", {**CALENDAR, "windows": {"9": []}}, "calendars.paris.windows.9", "unknown_weekday"),
    ("max_severity", {"sales": "A"}, "max_severity.sales", "unknown_key"),
    ("max_severity", {"billing": "D"}, "max_severity.billing", "severity_unknown"),
    ("ladders", {"gold": {}}, "ladders.gold", "unknown_key"),
    ("ladders", {"elevated": []}, "ladders.elevated", "not_an_object"),
    ("ladders", {"elevated": {"D": [{"at": 1, "to": "team"}]}}, "ladders.elevated.D", "unknown_key"),
    ("ladders", {"elevated": {"A": []}}, "ladders.elevated.A", "ladder_not_a_list"),
    ("ladders", {"elevated": {"A": [{"at": 0, "to": "team"}]}}, "ladders.elevated.A.0.at", "percent_unreadable"),
    ("ladders", {"elevated": {"A": [{"at": 1001, "to": "team"}]}}, "ladders.elevated.A.0.at", "percent_unreadable"),
    ("ladders", {"elevated": {"A": [{"at": 50, "to": "boss"}]}}, "ladders.elevated.A.0.to", "recipient_unknown"),
    ("ladders", {"elevated": {"A": [{"at": 50, "to": []}]}}, "ladders.elevated.A.0.to", "recipient_unknown"),
    ("regions", {"fr": "business_hours"}, "regions.fr", "country_unreadable"),
    ("regions", {"FR": "weekdays"}, "regions.FR", "availability_unreadable"),
    ("regions", {"FR": "calendar:paris"}, "regions.FR", "calendar_unknown"),
]


@pytest.mark.parametrize(("place", "value", "path", "code"), CASES)
def test_what_is_wrong_is_named_with_its_place(place, value, path, code):
    """DESIGN, Commitments; settled point 7"""
    assert problems_of(changed(place, value)) == [(path, code)]


def test_cells_above_a_cap_must_be_left_out():
    """Settled point 7"""
    expected = [(f"rules.billing.{tier}.A", "cell_above_cap") for tier in TIERS]

    assert problems_of(changed("max_severity", {"billing": "B"})) == expected


def test_all_that_is_wrong_is_named_at_once():
    document = changed("rules/technical/business/A/target", "soon")
    document["rules"]["advisory"]["elevated"]["C"]["availability"] = "sometimes"
    document["colour"] = "red"

    assert problems_of(document) == [
        ("colour", "unknown_key"),
        ("rules.technical.business.A.target", "target_unreadable"),
        ("rules.advisory.elevated.C.availability", "availability_unreadable"),
    ]


@pytest.mark.parametrize("document", [None, [], "policy", 1])
def test_only_an_object_is_a_policy(document):
    assert ("", "not_an_object") in problems_of(document)


def test_a_note_calendars_and_the_rest_may_be_left_out():
    policy = Policy.from_document({"version": 3, "rules": DEFAULT_POLICY["rules"]})

    assert (policy.version, policy.note, dict(policy.calendars)) == (3, "", {})


def test_a_cell_may_name_a_calendar_that_the_document_brings():
    document = changed("rules/billing/business/A", {"availability": "calendar:paris", "target": "PT4H"})
    document["calendars"] = {"paris": CALENDAR}

    assert Policy.from_document(document).calendars["paris"].timezone == "Europe/Paris"


def test_a_refusal_reads_as_sentences_with_places():
    with override("en"), pytest.raises(PolicyInvalid) as refusal:
        Policy.from_document(changed("rules/billing/business/A/target", "soon"))

    with override("en"):
        assert problem_text(refusal.value.problems[0]) == (
            "rules.billing.business.A.target: “soon” is no target: "
            "write a duration up to 366 days such as PT1H or PT40S, day+N, next_day or none."
        )


@pytest.mark.parametrize(("place", "value", "path", "code"), CASES)
def test_every_refusal_has_a_sentence_with_its_values(place, value, path, code):
    with pytest.raises(PolicyInvalid) as refusal:
        Policy.from_document(changed(place, value))

    with override("en"):
        texts = [problem_text(problem) for problem in refusal.value.problems]
    assert code in PROBLEMS
    assert all(text.startswith(path) and "%(" not in text for text in texts)
