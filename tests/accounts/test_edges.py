"""Who acts, as every edge asks it."""

from datetime import timedelta
from types import SimpleNamespace

import pytest
from django.contrib.auth.models import AnonymousUser
from django.test import RequestFactory

from accounts import clock
from accounts.edges import ACTING_FOR, actor_of, fingerprint_of, problem_for
from accounts.errors import DelegationOver, NotPermitted, SignInRequired
from tests import factories

pytestmark = pytest.mark.django_db


def call(user, *, auth=None, session=None):
    request = RequestFactory().get("/")
    request.user, request.auth, request.session = user, auth, session if session is not None else {}
    return request


@pytest.fixture
def partnership():
    customer, partner = factories.make_organisation("customer"), factories.make_partner("partner")
    delegation = factories.make_delegation(customer, partner, duties=["exchange_admin"])
    person = factories.make_person(partner, "global_admin")
    return SimpleNamespace(customer=customer, partner=partner, delegation=delegation, person=person)


def test_nobody_acts_without_signing_in():
    with pytest.raises(SignInRequired):
        actor_of(call(AnonymousUser()))


def test_an_admin_acts_for_their_own_organisation_without_any_query(django_assert_num_queries):
    admin = factories.make_person(factories.make_organisation(), "billing_admin")

    with django_assert_num_queries(0):
        actor = actor_of(call(admin))

    assert (actor.organisation_id, actor.on_behalf_of_id) == (admin.organisation_id, None)
    assert actor.roles == {"billing_admin"}


def test_a_person_whose_roles_were_not_read_gets_them_read():
    admin = factories.make_person(factories.make_organisation(), "billing_admin")
    del admin.role_names

    assert actor_of(call(admin)).roles == {"billing_admin"}


def test_a_partners_person_acts_for_the_customer_they_chose_with_the_delegated_duties(partnership):
    """PA-1"""
    actor = actor_of(call(partnership.person, session={ACTING_FOR: partnership.customer.pk}))

    assert actor.organisation_id == actor.on_behalf_of_id == partnership.customer.pk
    assert actor.roles == {"exchange_admin"}


def test_a_token_says_for_whom_a_partner_acts_and_no_session_does(partnership):
    """PA-1"""
    own, _ = factories.make_token(partnership.person)
    customers, _ = factories.make_token(partnership.person, organisation=partnership.customer)
    session = {ACTING_FOR: partnership.customer.pk}

    assert actor_of(call(partnership.person, auth=own, session=session)).organisation_id == partnership.partner.pk
    assert actor_of(call(partnership.person, auth=customers)).organisation_id == partnership.customer.pk


def test_an_ended_delegation_counts_from_the_next_request(partnership):
    """PA-1, P-6"""
    session = {ACTING_FOR: partnership.customer.pk}
    actor_of(call(partnership.person, session=session))

    partnership.delegation.ended_at = clock.now() - timedelta(microseconds=1)
    partnership.delegation.save(update_fields=["ended_at"])

    with pytest.raises(DelegationOver):
        actor_of(call(partnership.person, session=session))
    assert ACTING_FOR not in session


def test_a_delegation_ends_at_its_last_instant(partnership):
    """PA-1"""
    partnership.delegation.expires_at = clock.now() - timedelta(microseconds=1)
    partnership.delegation.save(update_fields=["expires_at"])

    with pytest.raises(DelegationOver):
        actor_of(call(partnership.person, session={ACTING_FOR: partnership.customer.pk}))


def test_nobody_acts_for_a_stranger_by_naming_it_in_their_session():
    """P-5"""
    admin = factories.make_person(factories.make_organisation(), "global_admin")
    stranger = factories.make_organisation()

    with pytest.raises(DelegationOver):
        actor_of(call(admin, session={ACTING_FOR: stranger.pk}))


def test_the_actor_is_built_once_for_each_request_and_anew_for_another_caller():
    admin = factories.make_person(factories.make_organisation(), "global_admin")
    other = factories.make_person(factories.make_organisation(), "reader")
    request = call(admin)
    first = actor_of(request)

    assert actor_of(request) is first
    request.user = other
    assert actor_of(request).person_id == other.pk


def test_a_form_is_the_same_whatever_the_order_of_its_fields_and_its_token():
    """P-2"""
    post = RequestFactory().post
    first = post("/new/", {"subject": "x", "body": "y", "csrfmiddlewaretoken": "1"})
    again = post("/new/", {"body": "y", "subject": "x", "csrfmiddlewaretoken": "2"})
    other = post("/new/", {"body": "y", "subject": "z"})

    assert fingerprint_of(first) == fingerprint_of(again) != fingerprint_of(other)


def test_pages_find_the_words_for_a_refusal_and_faults_stay_faults():
    words = problem_for(NotPermitted("file_request"))

    assert (words.status, words.code) == (403, "not-permitted")
    assert "global admin" in words.detail
    with pytest.raises(ZeroDivisionError):
        problem_for(ZeroDivisionError())
