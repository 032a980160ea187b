"""The desk's tags: the list, what requests carry, and that customers learn of neither."""

from __future__ import annotations

import threading

import pytest
from django.db import IntegrityError, connection, transaction

from accounts.errors import NotPermitted, RecordChanged
from accounts.models import Delivery, Event
from tests import factories
from tests.tickets import making
from tests.tickets.api.calling import kinds_of_events
from tickets import errors, tag_names
from tickets.models import RequestTag, ServiceRequest, Tag
from tickets.selectors.tags import tags_on
from tickets.services import tags
from tickets.services.tags import Wanted


@pytest.fixture
def lead(db):
    return factories.actor(factories.make_staff("team_lead"))


@pytest.fixture
def filed_now(admin):
    """An A, filed just now."""
    return making.filed(admin)


def names_on(service_request):
    return [tag.name for tag in tags_on(service_request)]


@pytest.mark.parametrize(
    ("typed", "stored"),
    [
        ("  needs   a call ", "needs a call"),
        ("ＶＩＰ", "VIP"),
        ("停機／十一月", "停機/十一月"),
        ("हिन्दी", "हिन्दी"),
        ("C# & .NET", "C# & .NET"),
    ],
)
def test_a_name_is_stored_in_one_form(typed, stored):
    assert tag_names.clean_name(typed) == stored


@pytest.mark.parametrize(
    "unseen", ["\u034f", "\u115f", "\u1160", "\u3164", "\uffa0", "\u17b4", "\u180b", "\ufe0f", "\U000e0101"]
)
def test_a_name_has_nothing_in_it_that_nobody_sees(unseen):
    """P-8: two tags that look the same, or one that looks like none; letters and marks, going by their category"""
    for typed in (unseen, f"VIP{unseen}"):
        with pytest.raises(ValueError, match=r"^tag_characters$"):
            tag_names.clean_name(typed)


@pytest.mark.parametrize("typed", ["=1+1", "-x", "a,b", "a，b", "<b>", "a\u200bb", "a\tb", "a\x00", "😀", 'say "x"'])
def test_a_name_that_would_deceive_or_break_something_is_refused(typed):
    """P-7, P-8"""
    with pytest.raises(ValueError, match=r"^(tag_characters|zero_width|control_character)$"):
        tag_names.clean_name(typed)
    assert tag_names.key_of(typed) == ""


@pytest.mark.parametrize("other", ["vip", "ＶＩＰ", " Vip "])
def test_names_that_differ_in_case_or_width_alone_are_one_tag(lead, other):
    tags.add_tag(name="VIP", actor=lead)

    with pytest.raises(errors.TagExists):
        tags.add_tag(name=other, actor=lead)
    with pytest.raises(IntegrityError), transaction.atomic():
        Tag.objects.create(name=other, key="vip")
    assert Tag.objects.count() == 1


@pytest.mark.parametrize(("length", "fault"), [(40, None), (41, "too_long"), (0, "empty")])
def test_a_name_has_one_to_forty_characters(lead, length, fault):
    if fault is None:
        assert tags.add_tag(name="x" * length, actor=lead).pk
        return
    with pytest.raises(errors.InvalidText) as refusal:
        tags.add_tag(name="x" * length, actor=lead)
    assert (refusal.value.field, refusal.value.problem) == ("name", fault)


def test_a_tag_put_on_a_request_is_on_record_for_the_desk_and_moves_nothing_that_customers_see(
    lead, engineer, filed_now
):
    """P-10, P-5"""
    vip, outage = (tags.add_tag(name=name, actor=lead) for name in ("VIP", "outage"))
    before, mails = ServiceRequest.objects.values().get(), Delivery.objects.count()

    tags.tag_request(number=filed_now.number, actor=engineer, add=["vip", "OUTAGE"])
    tags.tag_request(number=filed_now.number, actor=engineer, add=["VIP"], remove=["outage", "vip"][:1])

    events = list(Event.objects.filter(kind="request_tagged").order_by("id"))
    assert [(each.internal, each.data) for each in events] == [
        (True, {"added": [outage.pk, vip.pk], "removed": []}),
        (True, {"added": [], "removed": [outage.pk]}),
    ]
    assert names_on(filed_now) == ["VIP"]
    assert (ServiceRequest.objects.values().get(), Delivery.objects.count()) == (before, mails)


def test_what_is_so_already_is_no_change(lead, engineer, filed_now):
    tags.add_tag(name="VIP", actor=lead)
    for _ in range(2):
        tags.tag_request(number=filed_now.number, actor=engineer, add=["VIP"])
        tags.tag_request(number=filed_now.number, actor=engineer, remove=["vip"])
        tags.tag_request(number=filed_now.number, actor=engineer, remove=["vip"])

    assert kinds_of_events(filed_now.number).count("request_tagged") == 4


def test_a_renamed_tag_stays_on_its_requests(lead, engineer, filed_now):
    tag = tags.add_tag(name="VIP", actor=lead, colour="red")
    tags.tag_request(number=filed_now.number, actor=engineer, add=["VIP"])

    tags.change_tag(tag_id=tag.pk, wanted=Wanted(name="Key customer", colour=""), actor=lead, version=1)

    assert names_on(filed_now) == ["Key customer"]
    event = Event.objects.get(kind="tag_changed")
    told = {"tag": tag.pk, "fields": ["colour", "name"], "colour": {"from": "red", "to": ""}}
    assert (event.internal, event.organisation_id, event.data) == (True, None, told)
    with pytest.raises(RecordChanged):
        tags.change_tag(tag_id=tag.pk, wanted=Wanted(name="Other"), actor=lead, version=1)


def test_what_requests_carry_is_archived_and_not_removed(lead, engineer, filed_now):
    tag, idle = (tags.add_tag(name=name, actor=lead) for name in ("VIP", "idle"))
    tags.tag_request(number=filed_now.number, actor=engineer, add=["VIP"])

    with pytest.raises(errors.TagInUse):
        tags.remove_tag(tag_id=tag.pk, actor=lead)
    tags.remove_tag(tag_id=idle.pk, actor=lead)
    tags.change_tag(tag_id=tag.pk, wanted=Wanted(archived=True), actor=lead)

    assert names_on(filed_now) == ["VIP"]
    other = making.filed(factories.actor(ServiceRequest.objects.get().opened_by))
    with pytest.raises(errors.UnknownTag):
        tags.tag_request(number=other.number, actor=engineer, add=["VIP"])
    tags.tag_request(number=filed_now.number, actor=engineer, remove=["VIP"])
    assert not RequestTag.objects.exists()
    tags.remove_tag(tag_id=tag.pk, actor=lead)
    assert not Tag.objects.exists()


@pytest.mark.parametrize("most", [1, 2])
def test_neither_the_list_nor_a_request_has_too_many(lead, engineer, filed_now, monkeypatch, most):
    monkeypatch.setattr(tags, "MOST", most)
    monkeypatch.setattr(tags, "MOST_ON_ONE", most - 1)
    names = [f"tag {number}" for number in range(most)]
    kept = [tags.add_tag(name=name, actor=lead) for name in names]

    with pytest.raises(errors.TooManyTags):
        tags.add_tag(name="one more", actor=lead)
    with pytest.raises(errors.TooManyTagsOnRequest):
        tags.tag_request(number=filed_now.number, actor=engineer, add=names)
    tags.tag_request(number=filed_now.number, actor=engineer, add=names[: most - 1])
    tags.change_tag(tag_id=kept[0].pk, wanted=Wanted(archived=True), actor=lead)
    tags.add_tag(name="one more", actor=lead)
    with pytest.raises(errors.TooManyTags):
        tags.change_tag(tag_id=kept[0].pk, wanted=Wanted(archived=False), actor=lead)


def test_only_leads_and_operators_keep_the_list_and_customers_tag_nothing(admin, engineer, filed_now):
    """RO-1, RO-3"""
    with pytest.raises(NotPermitted):
        tags.add_tag(name="VIP", actor=engineer)
    for role in ("duty_manager", "operator"):
        tags.add_tag(name=role, actor=factories.actor(factories.make_staff(role)))
    with pytest.raises(NotPermitted):
        tags.tag_request(number=filed_now.number, actor=admin, add=["operator"])


def test_an_archived_request_is_tagged_no_more(closed_request, lead, engineer):
    """CH-4: its reopening time ended long ago, whatever its column says"""
    tags.add_tag(name="VIP", actor=lead)

    with pytest.raises(errors.IllegalTransition):
        tags.tag_request(
            number=closed_request.number, actor=engineer, add=["VIP"], now=closed_request.closed_at.replace(year=2027)
        )
    tags.tag_request(number=closed_request.number, actor=engineer, add=["VIP"], now=closed_request.closed_at)


def test_a_tag_of_another_tenant_cannot_be_stored(lead, filed_now):
    """P-5"""
    tag = tags.add_tag(name="VIP", actor=lead)
    other = factories.make_organisation()

    with pytest.raises(IntegrityError), transaction.atomic():
        _give(filed_now, tag, tenant=other)


def _give(request, tag, *, tenant):
    RequestTag.objects.create(organisation=tenant, request=request, tag=tag)
    connection.check_constraints()


def test_a_tag_cannot_go_while_somebody_puts_it_on_a_request(own_database):
    """P-1: of the two one comes first, and the other is told"""
    organisation = factories.make_organisation()
    factories.make_subscription(organisation)
    admin = factories.actor(factories.make_person(organisation, "global_admin"))
    lead = factories.actor(factories.make_staff("team_lead", "engineer"))
    number, tag = making.filed(admin).number, tags.add_tag(name="VIP", actor=lead)
    refused = []

    def remove():
        try:
            tags.remove_tag(tag_id=tag.pk, actor=lead)
        except errors.TagInUse as error:
            refused.append(error)
        finally:
            connection.close()

    with transaction.atomic():
        tags.tag_request(number=number, actor=lead, add=["VIP"])
        other = threading.Thread(target=remove)
        other.start()
        other.join(0.3)
        assert other.is_alive()
    other.join()

    assert len(refused) == RequestTag.objects.count() == 1


# ── Pages ───────────────────────────────────────────────────────────────────────────────────────────────────────────


@pytest.fixture
def desk(lead):
    """The browser of a team lead, and two tags on the list."""
    for name in ("VIP", "停機"):
        tags.add_tag(name=name, actor=lead)
    return factories.browser_of(factories.make_staff("team_lead", "engineer"))


def test_tags_are_put_on_and_taken_off_by_plain_forms(desk, filed_now):
    page = f"/requests/{filed_now.number}/"

    answer = desk.post(f"{page}tags/", {"tag-add": "vip， 停機"})

    assert (answer.status_code, answer["Location"]) == (302, f"{page}#tags")
    assert names_on(filed_now) == ["VIP", "停機"]
    desk.post(f"{page}tags/", {"tag-remove": "VIP"})
    assert names_on(filed_now) == ["停機"]
    history = desk.get(f"{page}?tab=history").content.decode()
    assert "− VIP" in history
    assert "+ VIP, + 停機" in history


@pytest.mark.parametrize(("typed", "status"), [("nothing of that name", 400), ("", 400), ("x\u202ey", 400)])
def test_what_cannot_be_comes_back_as_it_was_typed(desk, filed_now, typed, status):
    answer = desk.post(f"/requests/{filed_now.number}/tags/", {"tag-add": typed})

    assert answer.status_code == status
    form = answer.context["forms"]["tag"]
    assert form.errors
    assert form["add"].value() == typed
    assert not RequestTag.objects.exists()


def test_the_queue_and_the_list_show_tags_and_are_narrowed_to_those_that_carry_all(desk, admin, engineer):
    both, one, none = (making.filed(admin, subject=f"Number {n}") for n in range(3))
    tags.tag_request(number=both.number, actor=engineer, add=["VIP", "停機"])
    tags.tag_request(number=one.number, actor=engineer, add=["VIP"])

    def shown(address):
        return {row["request"].number for row in desk.get(address).context["rows"]}

    for page in ("/queue/?view=work", "/requests/?folder=open"):
        assert shown(page) == {both.number, one.number, none.number}
        assert shown(f"{page}&tag=vip") == {both.number, one.number}
        assert shown(f"{page}&tag=VIP&tag=停機") == {both.number}
        assert shown(f"{page}&tag=VIP&tag=") == {both.number, one.number}
        assert shown(f"{page}&tag=no such") == set()
    queue = desk.get("/queue/?view=work&tag=VIP")
    assert queue.context["tabs"][1]["url"] == "?view=mine&tag=VIP"
    assert queue.content.decode().count('class="row-tags"') == 2


def test_customers_see_no_tag_on_any_page_and_filter_by_none(admin, desk, lead, engineer):
    """P-5"""
    request = making.filed(admin)
    tags.add_tag(name="zq-canary", actor=lead)
    tags.tag_request(number=request.number, actor=engineer, add=["zq-canary"])
    browser = factories.browser_of(request.opened_by)

    for address in ("/", "/requests/?tag=no-such", f"/requests/{request.number}/", "/organisation/audit/"):
        page = browser.get(address)
        assert page.status_code == 200
        assert "zq-canary" not in page.content.decode()
    assert [row["request"].pk for row in browser.get("/requests/?tag=no-such").context["rows"]] == [request.pk]
    for address in ("/staff/tags/", "/staff/tags/1/"):
        assert browser.get(address).status_code == 403
    assert browser.post(f"/requests/{request.number}/tags/", {"tag-add": "VIP"}).status_code == 403


def test_the_list_is_kept_on_its_page(desk):
    assert desk.post("/staff/tags/", {"name": "Phone", "colour": "blue"}).status_code == 302
    again = desk.post("/staff/tags/", {"name": "phone", "colour": "red"})
    assert again.status_code == 422
    assert (again.context["form"]["name"].value(), again.context["form"]["colour"].value()) == ("phone", "red")
    tag = Tag.objects.get(name="Phone")
    page = f"/staff/tags/{tag.pk}/"

    assert desk.post(page, {"name": "Call", "colour": "", "version": "1"}).status_code == 302
    assert desk.post(page, {"name": "Late", "colour": "", "version": "1"}).status_code == 422
    desk.post(f"{page}archive/")
    assert [row["tag"].name for row in desk.get("/staff/tags/?folder=archived").context["rows"]] == ["Call"]
    desk.post(f"{page}restore/")
    assert "Call" in [row["tag"].name for row in desk.get("/staff/tags/").context["rows"]]
    desk.post(f"{page}remove/")
    assert not Tag.objects.filter(pk=tag.pk).exists()
    assert desk.get(page).status_code == 404
    assert desk.post(f"{page}paint/").status_code == 404


@pytest.mark.parametrize("name", ["-1", "a|b", "", "x" * 41])
def test_a_name_that_no_tag_may_have_comes_back_with_what_is_wrong(desk, lead, name):
    """P-8: for another tag, and for another name of one"""
    tag = tags.add_tag(name="Phone", actor=lead)
    for page in ("/staff/tags/", f"/staff/tags/{tag.pk}/"):
        answer = desk.post(page, {"name": name, "colour": "", "version": "1"})
        assert answer.status_code == 422
        assert answer.context["form"].errors["name"]
        assert answer.context["form"]["name"].value() == name


def test_an_engineer_reads_the_list_and_changes_nothing(desk):
    browser = factories.browser_of(factories.make_staff("engineer"))
    tag = Tag.objects.first()

    assert browser.get("/staff/tags/").status_code == 200
    assert browser.get(f"/staff/tags/{tag.pk}/").status_code == 403
    assert browser.post("/staff/tags/", {"name": "x"}).status_code == 403
    assert browser.post(f"/staff/tags/{tag.pk}/remove/").status_code == 403
    assert Tag.objects.count() == 2
