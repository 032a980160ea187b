"""Drafts of policies over the API: begun, changed in parts, compared, published, and by nobody but leads (SLA-1)."""

import json

import pytest

from accounts.models import Event
from sla.models import PolicyVersion
from sla.policy import DEFAULT_POLICY
from sla.policy_text import write_text
from tests import factories
from tests.tickets import making
from tests.tickets.api.calling import code_of, pointers_of, queries
from tests.tickets.policies import document, publish
from tickets.models import Commitment, PolicyDraft

DRAFTS = "/api/v1/policies/drafts/"
ANY = {"If-Match": "*"}
ACTS = ("review", "catch-up", "publish")


@pytest.fixture
def lead(db):
    """A program of a team lead."""
    return factories.api_of(factories.make_staff("team_lead", name="Lea Lead"))


@pytest.fixture
def draft(lead):
    """The address of a draft that the lead began."""
    made = lead.post(DRAFTS, {"version": 1, "name": "Faster"})
    assert made.status_code == 201, made.content
    return made["Location"]


def patch(lead, draft, headers=ANY, **body):
    return lead.patch(draft, body, headers=headers)


def cell(target, tier="enterprise", severity="A"):
    """A patch of one cell's target."""
    return {"rules": {"technical": {tier: {severity: {"target": target}}}}}


def kinds():
    return list(Event.objects.filter(kind__startswith="policy_").order_by("id").values_list("kind", flat=True))


def test_a_draft_is_begun_changed_in_parts_compared_and_published(lead, draft, admin_person):
    """SLA-1, P-10"""
    filed = making.filed(factories.actor(admin_person))
    changed = patch(lead, draft, {"If-Match": '"1"'}, document=cell("PT30M") | {"note": "Faster for A"})
    refused = lead.post(f"{draft}publish/")

    compared = lead.post(f"{draft}review/", headers={"If-Match": changed["ETag"]}).json()
    published = lead.post(f"{draft}publish/", headers={"If-Match": changed["ETag"]})

    assert (changed.status_code, changed["ETag"], changed.json()["problems"]) == (200, '"2"', [])
    assert "Technical support · Enterprise · A" in {each["place"] for each in changed.json()["differences"]}
    assert changed.json()["comparison"] is None
    assert (refused.status_code, code_of(refused)) == (409, "policy-not-reviewed")
    assert [each["number"] for each in compared["comparison"]["changes"]] == [filed.number]
    assert compared["comparison"]["shifts"]["earlier"] == 1
    assert (published.status_code, lead.get(published["Location"]).json()) == (201, published.json())
    assert published.json()["document"] == DEFAULT_POLICY | {
        "version": 2,
        "note": "Faster for A",
        "rules": json.loads(changed.json()["text"])["rules"],
    }
    assert published.json()["published_by"] == "Lea Lead"
    assert not PolicyDraft.objects.exists()
    assert Commitment.objects.get().policy_version_id == 1
    steps = ("started", "saved", "reviewed")
    assert kinds() == [*(f"policy_draft_{step}" for step in steps), "policy_published"]


def test_what_forms_change_is_parts_of_one_document(lead, draft):
    """SLA-4, RO-3, settled point 7; RFC 7396: null takes away, lists are whole"""
    calendar = {"timezone": "Asia/Taipei", "windows": {"0": [["09:00", "18:00"]]}}
    steps = [{"at": 60, "to": ["team"]}]
    patch(
        lead, draft,
        document={
            "calendars": {"desk": calendar}, "regions": {"CU": "calendar:desk"}, "max_severity": {"billing": "B"},
            "rules": {"billing": {tier: {"A": None} for tier in ("business", "enterprise", "frontline", "elevated")}},
            "ladders": {"enterprise": {"A": steps}},
        },
    )  # fmt: skip

    now = lead.get(draft).json()

    assert now["problems"] == []
    assert (now["document"]["calendars"], now["document"]["regions"]) == ({"desk": calendar}, {"CU": "calendar:desk"})
    assert now["document"]["ladders"]["enterprise"]["A"] == steps
    assert list(now["document"]["rules"]["billing"]["business"]) == ["B", "C"]
    assert json.loads(now["text"]) == now["document"]
    without = patch(lead, draft, document={"calendars": None, "ladders": {"enterprise": None}}).json()
    assert "calendars" not in without["document"]
    assert without["document"]["ladders"] == {}
    assert [each["code"] for each in without["problems"]] == ["calendar_unknown"]


def test_what_is_wrong_is_kept_and_named_with_its_place(lead, draft):
    """DESIGN, Commitments: an invalid one changes nothing and says which cell."""
    [problem] = patch(lead, draft, document=cell("soon")).json()["problems"]

    assert (problem["path"], problem["code"]) == ("rules.technical.enterprise.A.target", "target_unreadable")
    assert problem["place"] == "Technical support · Enterprise · A · target"
    assert "“soon” is no target" in problem["detail"]
    assert pointers_of(lead.post(f"{draft}review/")) == ["#/rules/technical/enterprise/A/target"]
    chinese = lead.get(draft, headers={"Accept-Language": "zh-Hant"}).json()["problems"][0]
    assert chinese["detail"] != problem["detail"]
    assert PolicyVersion.objects.count() == 1


def test_a_text_that_is_no_document_is_kept_and_replaced_as_a_whole(lead, draft):
    """P-8"""
    kept = patch(lead, draft, text="[").json()
    in_part = patch(lead, draft, document={"note": "x"})
    in_whole = [lead.post(f"{draft}{act}/") for act in ("review", "catch-up")]
    whole = patch(lead, draft, text=write_text(document(version=2)))

    assert (kept["text"], kept["document"], kept["differences"]) == ("[", None, [])
    assert [each["code"] for each in kept["problems"]] == ["text_unreadable"]
    assert (in_part.status_code, code_of(in_part)) == (409, "policy-draft-unreadable")
    assert {(each.status_code, code_of(each)) for each in in_whole} == {(400, "invalid-policy")}
    assert (whole.json()["document"], whole["ETag"]) == (document(version=2), '"3"')


def test_who_was_overtaken_changes_nothing(lead, draft):
    """P-2: no lost update."""
    patch(lead, draft, document=cell("PT30M"))
    stale = {"If-Match": '"1"'}

    late = [
        patch(lead, draft, stale, text="{}"),
        patch(lead, draft, stale, document={}),
        lead.delete(draft, headers=stale),
    ]
    late += [lead.post(f"{draft}{act}/", headers=stale) for act in ACTS]

    assert {(each.status_code, code_of(each), each["ETag"]) for each in late} == {(412, "version-mismatch", '"2"')}
    assert late[0].json()["current_version"] == 2
    assert [patch(lead, draft, {}, text="{}").status_code, lead.delete(draft).status_code] == [428, 428]
    assert PolicyDraft.objects.get().version == 2


def test_a_change_that_changes_nothing_is_none(lead, draft):
    """P-10"""
    for same in ({}, cell("PT1H"), {"ladders": None}):
        assert patch(lead, draft, document=same)["ETag"] == '"1"'
    assert kinds() == ["policy_draft_started"]


def test_a_draft_that_was_overtaken_catches_up(lead, draft):
    """SLA-1"""
    lead.post(f"{draft}review/")
    publish(version=2, enterprise_a="PT30M")
    overtaken = lead.post(f"{draft}publish/")

    behind = lead.get(draft).json()
    caught_up = lead.post(f"{draft}catch-up/").json()

    assert (overtaken.status_code, code_of(overtaken)) == (409, "policy-version-taken")
    assert (behind["is_behind"], behind["comparison"], behind["version_in_force"]) == (True, None, 2)
    assert (caught_up["is_behind"], caught_up["base_version"], caught_up["document"]["version"]) == (False, 2, 3)
    assert "within 30 minutes" in str(caught_up["differences"])


def test_acts_that_are_repeated_happen_once(lead, draft):
    """P-2"""
    again = {"Idempotency-Key": "once"}
    made = [lead.post(DRAFTS, {"version": 1}, headers=again) for _ in range(2)]
    lead.post(f"{draft}review/")
    published = [lead.post(f"{draft}publish/", headers=again | {"Idempotency-Key": "twice"}) for _ in range(2)]

    for first, second in (made, published):
        assert (second.status_code, second.json(), second["Location"]) == (201, first.json(), first["Location"])
    assert made[0].json()["name"] == "2"
    assert (PolicyDraft.objects.count(), PolicyVersion.objects.count()) == (1, 2)


def test_a_draft_is_discarded_on_record_and_is_not_found_then(lead, draft):
    """P-10"""
    assert lead.delete(draft, headers={"If-Match": '"1"'}).status_code == 204

    gone = [lead.get(draft), patch(lead, draft, text=""), lead.delete(draft, headers=ANY)]
    gone += [lead.post(f"{draft}{act}/") for act in ACTS] + [lead.get(f"{DRAFTS}{2**70}/")]
    assert {(each.status_code, code_of(each)) for each in gone} == {(404, "policy-draft-not-found")}
    assert kinds() == ["policy_draft_started", "policy_draft_discarded"]


@pytest.mark.parametrize(
    ("body", "status", "code", "place"),
    [
        ({}, 400, "invalid-input", "#/version"),
        ({"version": 0}, 400, "invalid-input", "#/version"),
        ({"version": 7}, 404, "policy-version-not-found", None),
        ({"version": 1, "name": "x" * 81}, 400, "invalid-input", "#/name"),
        ({"version": 1, "text": "{}"}, 400, "invalid-input", "#/text"),
    ],
)
def test_what_can_be_no_draft_is_refused(lead, body, status, code, place):
    refused = lead.post(DRAFTS, body)

    assert (refused.status_code, code_of(refused)) == (status, code)
    assert place is None or pointers_of(refused) == [place]
    assert not PolicyDraft.objects.exists()


@pytest.mark.parametrize(
    ("body", "place"),
    [
        ({}, "#/document"),
        ({"document": {}, "text": ""}, "#/document"),
        ({"document": None}, "#/document"),
        ({"document": []}, "#/document"),
        ({"text": 3}, "#/text"),
        ({"text": "x" * (256 * 1024 + 1)}, "#/text"),
        ({"name": "x" * 81}, "#/name"),
    ],
)
def test_what_can_be_no_change_is_pointed_at(lead, draft, body, place):
    """P-8"""
    refused = patch(lead, draft, **body)

    assert (refused.status_code, place in pointers_of(refused)) == (400, True)
    assert PolicyDraft.objects.get().version == 1


def test_drafts_are_for_those_who_publish(lead, draft, api, stranger, staff):
    """RO-1, RO-3, scopes"""
    for caller in (api, stranger, staff):
        answers = [caller.get(DRAFTS), caller.get(draft), caller.post(DRAFTS, {"version": 1})]
        answers += [patch(caller, draft, text="{}"), caller.delete(draft, headers=ANY)]
        answers += [caller.post(f"{draft}{act}/") for act in ACTS]
        assert {code_of(each) for each in answers} == {"not-permitted"}
    reading = factories.api_of(factories.make_staff("duty_manager"), "queue:read")
    assert reading.get(draft).status_code == 200
    assert reading.post(f"{draft}publish/").json()["scope"] == "desk:write"
    assert (PolicyDraft.objects.get().version, PolicyVersion.objects.count()) == (1, 1)


def test_the_list_asks_as_much_of_many_as_of_one(lead, draft):
    with queries() as of_one:
        [told] = lead.get(DRAFTS).json()["results"]
    for name in ("Second", "Third"):
        lead.post(DRAFTS, {"version": 1, "name": name})
    with queries() as of_all:
        found = lead.get(DRAFTS).json()["results"]
    with queries() as of_a_page:
        onward = lead.get(DRAFTS, {"page_size": 2}).json()["next"]

    assert (told["name"], told["base_version"], told["changed_by"]["name"]) == ("Faster", 1, "Lea Lead")
    assert [each["name"] for each in found] == ["Third", "Second", "Faster"]
    assert len(of_one) == len(of_all) == len(of_a_page)
    assert lead.get(onward).json()["results"] == [told]


def test_a_draft_is_called_otherwise_and_keeps_its_comparison(lead, draft):
    """SLA-1: over the API and on its page; the same name is no change"""
    compared = lead.post(f"{draft}review/", {})
    renamed = patch(lead, draft, {"If-Match": compared["ETag"]}, name="Faster for A")
    again = patch(lead, draft, name="Faster for A")

    assert (renamed.json()["name"], renamed["ETag"], again["ETag"]) == ("Faster for A", '"2"', '"2"')
    assert renamed.json()["comparison"] == compared.json()["comparison"]
    assert pointers_of(patch(lead, draft, name=" ")) == ["#/name"]
    assert pointers_of(patch(lead, draft, name="x", text="")) == ["#/document"]
    assert patch(lead, draft, {"If-Match": '"1"'}, name="x").status_code == 412
    page, here = (
        factories.browser_of(factories.make_staff("team_lead")),
        f"/staff/policies/drafts/{draft.split('/')[-2]}/",
    )
    for name, version in (("On the page", 2), ("Too late", 2), ("", 3)):
        page.post(f"{here}name/", {"name": name, "draft_version": version})
    assert PolicyDraft.objects.get().name == "On the page"
    assert kinds()[-2:] == ["policy_draft_saved"] * 2
