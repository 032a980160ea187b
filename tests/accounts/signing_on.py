"""What the tests of single sign-on share: an organisation that has it, and a browser that walks through it."""

from __future__ import annotations

from typing import Any
from urllib.parse import urlencode, urlsplit

from django.http import HttpResponse
from django.test import Client

from accounts import clock
from accounts.models import MailDomain, Organisation, Person, SingleSignOn
from accounts.selectors import sign_on
from accounts.services import sign_on_settings
from accounts.services.sign_on_settings import SignOnSettings
from tests.factories import actor
from tests.identity_provider.provider import CLIENT_ID, SECRET


def settings_for(issuer: str, **wanted: Any) -> SignOnSettings:
    return SignOnSettings(**{"issuer": issuer, "client_id": CLIENT_ID, "secret": SECRET, **wanted})


def confirm(organisation: Organisation, admin: Person, name: str) -> MailDomain:
    """A domain that was proved; how that goes is told in test_domains."""
    return MailDomain.objects.create(
        organisation=organisation, name=name, state="confirmed", added_by=admin, confirmed_at=clock.now()
    )


def set_up(admin: Person, issuer: str, **wanted: Any) -> SingleSignOn:
    """Settings that were saved, tested and switched on."""
    acting = actor(admin)
    saved = sign_on_settings.save_settings(wanted=settings_for(issuer, **wanted), version=None, actor=acting)
    sign_on_settings.record_test(sign_on_id=saved.pk, version=saved.version, actor=acting)
    return sign_on_settings.switch_on(actor=acting)


def start(client: Client, stands: SingleSignOn, *, after: str = "") -> HttpResponse:
    """Follow the link "Continue with single sign-on"."""
    return client.get(f"/login/organisation/{stands.callback_key}/", {"next": after} if after else {})  # type: ignore[return-value]


def arrive(client: Client, address: str) -> HttpResponse:
    """Be sent back by the issuer."""
    parts = urlsplit(address)
    return client.get(f"{parts.path}?{parts.query}")  # type: ignore[return-value]


def callback(stands: SingleSignOn, **answer: str) -> str:
    """The address of an answer that somebody made up."""
    return f"{sign_on.redirect_uri(stands)}?{urlencode(answer)}"


def signed_in(client: Client) -> int | None:
    """Who is signed in: by what a page says, not by what the session holds."""
    if client.get("/profile/").status_code != 200:
        return None
    return int(client.session["_auth_user_id"])
