"""Tokens of programs: issued once, used, ended."""

from datetime import timedelta

import pytest

from accounts import clock
from accounts.errors import InvalidExpiry, InvalidScope, NotPermitted, ScopesTooWide, TokenChanged, TokenNotFound
from accounts.models import ApiToken, Event
from accounts.services import tokens
from accounts.unguessable import digest_of
from tests import factories

pytestmark = pytest.mark.django_db
NOW = clock.now


@pytest.fixture
def admin():
    return factories.make_person(factories.make_organisation(), "service_support_admin")


def issue(person, **given):
    given = {"name": "Nightly export", "scopes": ["requests:read"], **given}
    return tokens.issue_token(actor=factories.actor(person), **given)


def test_a_secret_is_256_bits_and_only_its_digest_is_kept(admin):
    """RELIABILITY.md, Sign-in, sessions, tokens"""
    issued = issue(admin)

    kept = ApiToken.objects.get(pk=issued.token.pk)
    assert issued.secret.startswith("sp_")
    assert len(issued.secret) == len("sp_") + 43  # 32 bytes in base64
    assert issued.secret not in str(vars(kept))
    assert kept.digest == digest_of(issued.secret)
    assert kept.prefix == issued.secret[:8]


def test_issuing_and_revoking_are_recorded_without_the_secret(admin):
    """P-10"""
    issued = issue(admin)
    tokens.revoke_token(actor=factories.actor(admin), token_id=issued.token.pk)

    told = list(Event.objects.filter(actor=admin).order_by("id").values_list("kind", "data"))
    assert [kind for kind, _ in told] == ["token_issued", "token_revoked"]
    assert issued.secret not in str(told)


def test_a_token_lasts_ninety_days_unless_told_otherwise(admin):
    now = NOW()

    assert issue(admin, now=now).token.expires_at == now + timedelta(days=90)


@pytest.mark.parametrize("life", [timedelta(microseconds=1), timedelta(days=365)])
def test_a_token_may_last_up_to_a_year(admin, life):
    now = NOW()

    assert issue(admin, expires_at=now + life, now=now).token.expires_at == now + life


@pytest.mark.parametrize("life", [timedelta(0), timedelta(days=-1), timedelta(days=365, microseconds=1)])
def test_a_token_cannot_end_in_the_past_or_beyond_a_year(admin, life):
    now = NOW()

    with pytest.raises(InvalidExpiry):
        issue(admin, expires_at=now + life, now=now)
    assert not ApiToken.objects.exists()


@pytest.mark.parametrize("scopes", [[], ["requests:delete"], ["requests:read", ""]])
def test_scopes_must_exist(admin, scopes):
    with pytest.raises(InvalidScope):
        issue(admin, scopes=scopes)


def test_a_token_gives_another_no_more_scopes_than_its_own(admin):
    """P-6"""
    parent = issue(admin, scopes=["tokens:write", "requests:read"]).token

    assert issue(admin, scopes=["requests:read"], within=parent).token.scopes == ["requests:read"]
    with pytest.raises(ScopesTooWide):
        issue(admin, scopes=["requests:read", "requests:write"], within=parent)


def test_a_token_gives_another_no_more_time_than_its_own(admin):
    """P-6"""
    now = NOW()
    parent = issue(admin, expires_at=now + timedelta(days=2), now=now).token

    assert issue(admin, within=parent, now=now).token.expires_at == parent.expires_at
    with pytest.raises(InvalidExpiry):
        issue(admin, within=parent, expires_at=parent.expires_at + timedelta(microseconds=1), now=now)


def test_a_token_takes_with_it_those_that_it_made(admin):
    """P-6: whoever stole one made another with it"""
    stolen, other = (issue(admin, scopes=["tokens:write"]).token for _ in range(2))
    made = issue(admin, scopes=["tokens:write"], within=stolen)
    second = issue(admin, scopes=["tokens:write"], within=made.token)

    tokens.revoke_token(actor=factories.actor(admin), token_id=stolen.pk)

    assert [tokens.use_token(each.secret) for each in (made, second)] == [None, None]
    assert ApiToken.objects.get(pk=other.pk).revoked_at is None
    assert Event.objects.filter(kind="token_revoked").count() == 3


def test_an_end_user_has_no_tokens():
    """SH-2, RO-1"""
    with pytest.raises(NotPermitted):
        issue(factories.make_person(factories.make_organisation()))


def test_a_partners_token_acts_for_the_customer_it_was_made_for():
    """PA-1"""
    customer, partner = factories.make_organisation(), factories.make_partner()
    factories.make_delegation(customer, partner)
    person = factories.make_person(partner, "service_support_admin")

    issued = tokens.issue_token(
        actor=factories.actor(person, customer=customer), name="Robot", scopes=["requests:read"]
    )

    assert issued.token.organisation == customer


def test_a_used_token_brings_its_person_with_their_roles_in_one_query(admin, django_assert_num_queries):
    _, secret = factories.make_token(admin, last_used_at=NOW())

    with django_assert_num_queries(1):
        token = tokens.use_token(secret)
        assert token.person.role_names == ["service_support_admin"]
        assert token.person.organisation.slug


@pytest.mark.parametrize("ended", ["revoked_at", "expires_at"])
def test_an_ended_token_is_none(admin, ended):
    """P-6"""
    _, secret = factories.make_token(admin, **{ended: NOW()})

    assert tokens.use_token(secret) is None


def test_a_closed_account_closes_its_tokens(admin):
    """P-6"""
    _, secret = factories.make_token(admin)
    assert tokens.use_token(secret)

    admin.is_active = False
    admin.save(update_fields=["is_active"])

    assert tokens.use_token(secret) is None


def test_a_closed_organisation_closes_its_peoples_tokens(admin):
    _, secret = factories.make_token(admin)

    admin.organisation.is_active = False
    admin.organisation.save(update_fields=["is_active"])

    assert tokens.use_token(secret) is None


def test_the_last_use_is_noted_once_a_minute(admin, django_assert_num_queries):
    token, secret = factories.make_token(admin, last_used_at=NOW() - timedelta(minutes=1, seconds=1))

    tokens.use_token(secret)
    token.refresh_from_db()

    assert token.last_used_at == NOW()
    with django_assert_num_queries(1):
        tokens.use_token(secret)


def test_people_end_their_own_tokens_and_nobody_elses(admin):
    """P-5"""
    token, _ = factories.make_token(admin)
    colleague = factories.make_person(admin.organisation, "global_admin")

    with pytest.raises(TokenNotFound):
        tokens.revoke_token(actor=factories.actor(colleague), token_id=token.pk)
    tokens.revoke_token(actor=factories.actor(admin), token_id=token.pk)

    with pytest.raises(TokenNotFound):
        tokens.revoke_token(actor=factories.actor(admin), token_id=token.pk)


def test_revoking_another_version_than_there_is_is_refused(admin):
    """Settled point 11"""
    token, _ = factories.make_token(admin)

    with pytest.raises(TokenChanged):
        tokens.revoke_token(actor=factories.actor(admin), token_id=token.pk, version=2)
    assert tokens.revoke_token(actor=factories.actor(admin), token_id=token.pk, version=1).revoked_at
