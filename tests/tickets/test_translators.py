"""Translators who join calls: asked for, arranged, done or called off (LA-2)."""

from datetime import UTC, datetime, timedelta

import pytest

from accounts.models import Delivery, Event
from tests import factories
from tests.tickets import making
from tests.tickets.conftest import MONDAY
from tickets.errors import (
    IllegalTransition,
    InvalidText,
    JoinInThePast,
    JoinTooFar,
    NoTranslatorAsked,
    TranslatorAsked,
    UnknownChoice,
)
from tickets.filing import Contact
from tickets.models import ServiceRequest, TranslatorRequest
from tickets.services.closing import Ending, close_request
from tickets.services.contact import change_contact
from tickets.services.translators import (
    Arrangement,
    arrange_translator,
    ask_translator,
    cancel_translator,
    finish_translator,
)
from tickets.verification import faults

HOUR = timedelta(hours=1)
MICROSECOND = timedelta(microseconds=1)
MEETING = Arrangement("Mei-Ling Wu", MONDAY + 5 * HOUR, "Dial in with 4711.")


def told(notice):
    """The people whom a notice told by mail."""
    return set(Delivery.objects.filter(notice=notice, channel="mail").values_list("person", flat=True))


@pytest.fixture
def asked(open_request, admin) -> TranslatorRequest:
    return ask_translator(number=open_request.number, actor=admin, language="vi", wish="Afternoons.", now=MONDAY)


def test_an_admin_asks_and_the_team_is_told(open_request, admin, engineer):
    """LA-2"""
    asked = ask_translator(number=open_request.number, actor=admin, language="vi", wish="Afternoons.", now=MONDAY)

    assert (asked.state, asked.language, asked.wish) == ("requested", "vi", "Afternoons.")
    assert ServiceRequest.objects.get().translator
    assert told("translator_requested") == {engineer.person_id}
    event = Event.objects.get(kind="translator_requested")
    assert (event.actor_id, event.internal, event.data["language"]) == (admin.person_id, False, "vi")


def test_an_engineer_asks_too_in_the_language_of_the_conversation(open_request, engineer):
    """LA-2"""
    lead = factories.make_staff("team_lead")

    asked = ask_translator(number=open_request.number, actor=engineer, now=MONDAY)

    assert asked.language == open_request.language
    assert told("translator_requested") == {lead.pk}


def test_once_arranged_the_customer_is_told_and_then_it_is_done(asked, open_request, admin, engineer):
    """LA-2"""
    number = open_request.number
    arranged = arrange_translator(number=number, actor=engineer, arrangement=MEETING, now=MONDAY)
    assert (arranged.state, arranged.interpreter, arranged.join_at) == ("arranged", "Mei-Ling Wu", MONDAY + 5 * HOUR)
    assert told("translator_arranged") == {admin.person_id}

    finish_translator(number=number, actor=engineer, now=MONDAY + 6 * HOUR)

    row = TranslatorRequest.objects.get()
    assert (row.state, row.settled_at) == ("done", MONDAY + 6 * HOUR)
    assert not ServiceRequest.objects.get().translator
    kinds = Event.objects.filter(kind__startswith="translator").order_by("pk").values_list("kind", flat=True)
    assert list(kinds) == ["translator_requested", "translator_arranged", "translator_joined"]
    assert not list(faults())


def test_no_event_holds_the_name_of_a_translator(asked, open_request, engineer):
    """P-10: events hold codes, ids and instants"""
    arrange_translator(number=open_request.number, actor=engineer, arrangement=MEETING, now=MONDAY)

    assert "Mei-Ling" not in str(list(Event.objects.values()))
    assert "Mei-Ling" not in str(list(Delivery.objects.values()))


def test_a_call_cannot_be_arranged_for_the_past(asked, open_request, engineer):
    at = Arrangement("Mei-Ling Wu", MONDAY)
    with pytest.raises(JoinInThePast):
        arrange_translator(number=open_request.number, actor=engineer, arrangement=at, now=MONDAY + MICROSECOND)
    arrange_translator(number=open_request.number, actor=engineer, arrangement=at, now=MONDAY)


@pytest.mark.parametrize("later", [timedelta(days=90) + MICROSECOND, datetime.max.replace(tzinfo=UTC) - MONDAY])
def test_a_call_cannot_be_arranged_for_the_far_future(asked, open_request, engineer, later):
    """P-8: an instant that has no local time in some zone would break every page and mail that tells of it"""
    at = Arrangement("Mei-Ling Wu", MONDAY + later)
    with pytest.raises(JoinTooFar):
        arrange_translator(number=open_request.number, actor=engineer, arrangement=at, now=MONDAY)
    assert TranslatorRequest.objects.get().state == "requested"


def test_an_arrangement_names_somebody(asked, open_request, engineer):
    with pytest.raises(InvalidText):
        arrange_translator(
            number=open_request.number, actor=engineer, arrangement=Arrangement(" ", MONDAY + HOUR), now=MONDAY
        )
    assert TranslatorRequest.objects.get().state == "requested"


@pytest.mark.parametrize("side", ["customer", "support"])
def test_either_side_calls_it_off_and_the_other_is_told(asked, open_request, admin, engineer, side):
    """LA-2"""
    from tickets.services.assignment import take_request

    take_request(number=open_request.number, actor=engineer, now=MONDAY)
    actor, other = (admin, engineer) if side == "customer" else (engineer, admin)

    cancel_translator(number=open_request.number, actor=actor, now=MONDAY)

    assert told("translator_cancelled") == {other.person_id}
    assert not ServiceRequest.objects.get().translator
    again = ask_translator(number=open_request.number, actor=admin, now=MONDAY)
    assert again.state == "requested"


def test_one_translator_at_a_time(asked, open_request, engineer):
    """LA-2, P-2"""
    with pytest.raises(TranslatorAsked):
        ask_translator(number=open_request.number, actor=engineer, now=MONDAY)
    assert TranslatorRequest.objects.count() == 1


def test_what_nobody_asked_for_is_neither_arranged_nor_finished_nor_called_off(open_request, engineer):
    """LA-2"""
    number = open_request.number
    with pytest.raises(NoTranslatorAsked):
        arrange_translator(number=number, actor=engineer, arrangement=MEETING, now=MONDAY)
    for act in (finish_translator, cancel_translator):
        with pytest.raises(NoTranslatorAsked):
            act(number=number, actor=engineer, now=MONDAY)


def test_what_is_not_arranged_is_not_done(asked, open_request, engineer):
    """LA-2"""
    with pytest.raises(NoTranslatorAsked):
        finish_translator(number=open_request.number, actor=engineer, now=MONDAY)


def test_a_language_that_nobody_knows_is_refused(open_request, admin):
    with pytest.raises(UnknownChoice):
        ask_translator(number=open_request.number, actor=admin, language="tlh", now=MONDAY)


def test_a_wish_at_filing_is_a_request_for_a_translator(admin, engineer):
    """LA-2"""
    row = making.filed(admin, contact=Contact(translator=True, language="ja"), now=MONDAY)

    asked = TranslatorRequest.objects.get()
    assert (asked.request_id, asked.language, asked.state) == (row.pk, "ja", "requested")
    assert told("translator_requested") == {engineer.person_id}
    assert not list(faults())


def test_the_contact_details_ask_for_one_and_call_it_off(open_request, admin):
    """LA-2"""
    for wanted, state in ((True, "requested"), (False, "cancelled")):
        change_contact(number=open_request.number, actor=admin, changes={"translator": wanted}, now=MONDAY)
        assert TranslatorRequest.objects.get().state == state
        assert ServiceRequest.objects.get().translator is wanted


def test_a_close_calls_it_off(asked, open_request, engineer):
    """LA-2: nobody waits for a call about a request that is closed"""
    ending = Ending("solved", "Done.")
    close_request(number=open_request.number, actor=engineer, ending=ending, now=MONDAY + HOUR)

    row = TranslatorRequest.objects.get()
    assert (row.state, row.settled_at) == ("cancelled", MONDAY + HOUR)
    assert not ServiceRequest.objects.get().translator
    assert not list(faults())
    with pytest.raises(IllegalTransition):
        ask_translator(number=open_request.number, actor=engineer, now=MONDAY + HOUR)


def test_both_sides_see_who_joins_and_when(organisation, engineer):
    """LA-2: it shows on the request"""
    person = factories.make_person(organisation, "global_admin", timezone="Asia/Taipei")
    row = making.filed(factories.actor(person))
    customer, staff = factories.browser_of(person), factories.browser_of(factories.make_staff("engineer"))
    address = f"/requests/{row.number}/"
    customer.post(f"{address}translator/", {"translator-language": "vi", "translator-wish": "Afternoons."})
    assert "Afternoons." in staff.get(address).content.decode()

    soon = f"{datetime.now(UTC) + timedelta(days=30):%Y-%m-%dT06:30}"
    sent = {"arrange-interpreter": "Mei-Ling Wu", "arrange-join_at": soon, "arrange-note": "Dial 4711."}
    shown = staff.post(f"{address}translator/arrange/", sent, follow=True).content.decode()

    theirs = customer.get(address).content.decode()
    for page in (shown, theirs):
        assert "Mei-Ling Wu" in page
        assert "Dial 4711." in page
    assert "14:30" in theirs  # 06:30 UTC on a clock in Taipei
    staff.post(f"{address}translator/done/")
    assert TranslatorRequest.objects.get().state == "done"


def test_a_page_that_is_out_of_date_says_so(organisation):
    """STYLE section 9: a refusal is shown on the page that comes back"""
    row = making.filed(factories.actor(factories.make_person(organisation, "global_admin")))
    staff = factories.browser_of(factories.make_staff("engineer"))
    meeting = {"arrange-interpreter": "Mei-Ling Wu", "arrange-join_at": "2031-01-06T06:30"}

    for act, sent in (("arrange", meeting), ("done", {}), ("cancel", {})):
        late = staff.post(f"/requests/{row.number}/translator/{act}/", sent)
        told = "nobody asks for a translator, or none is arranged yet" in late.content.decode()
        assert (act, late.status_code, told) == (act, 409, True)
