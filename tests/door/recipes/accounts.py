"""Sign-in, profile, organisation, partners."""

from __future__ import annotations

from datetime import date, timedelta

from tests import factories
from tests.door.recipes import Of, Secret, operation

LATER = (date.today() + timedelta(days=60)).isoformat()  # noqa: DTZ011  # any zone's today will do
LINK = {"uidb36": Secret("reset_uid"), "key": Secret("reset_key")}
PASSWORDS = {"password1": "a heron over the wide river", "password2": "a heron over the wide river"}

operation("account_login", by="anonymous")
operation(
    "account_login", "POST", by="anonymous", body={"login": Secret("admin_email"), "password": factories.PASSWORD}
)
operation("account_logout", by="admin")
operation("account_logout", "POST", by="admin")
operation("account_change_password", by="admin")
operation("account_change_password", "POST", by="admin", body={"oldpassword": factories.PASSWORD, **PASSWORDS})
operation("account_reset_password", by="anonymous")
operation("account_reset_password", "POST", by="anonymous", body={"email": Secret("admin_email")})
operation("account_reset_password_done", by="anonymous")
operation("account_reset_password_from_key", by="anonymous", path=LINK)
operation("account_reset_password_from_key", "POST", by="anonymous", path=LINK, body=PASSWORDS)
operation("account_reset_password_from_key_done", by="anonymous")
for _name, _by in (
    ("account_login", "anonymous"), ("account_change_password", "admin"), ("account_reset_password", "anonymous"),
):  # fmt: skip
    operation(_name, "PUT", by=_by)  # Django's form views take it for a POST without fields
operation("account_reset_password_from_key", "PUT", by="anonymous", path=LINK)
operation("set_language", "POST", by="admin", body={"language": "zh-hant"})
operation("accounts:profile", by="admin", shows=True)
operation(
    "accounts:profile",
    "POST",
    by="admin",
    body={"name": "Wei", "language": "en", "timezone": "Asia/Taipei", "phone": "+886 2 5550 0100"},
)
operation("accounts:choose_notices", by="admin")
operation("accounts:choose_notices", "POST", by="admin", body={"by_mail": []})
operation("accounts:tokens", by="admin", shows=True)
operation(
    "accounts:tokens", "POST", by="admin", shows=True,
    body={"name": "Robot", "scopes": ["requests:read"], "days": "30"},
)  # fmt: skip
operation("accounts:revoke_token", "POST", by="admin", path={"token_id": Of("token")})
operation("accounts:organisation", by="admin", shows=True)
operation("accounts:people", by="admin", shows=True)
operation("accounts:partners", by="admin", shows=True)
operation("accounts:subscriptions", by="admin", shows=True)
operation("accounts:grant_delegation", by="admin")
operation(
    "accounts:grant_delegation", "POST", by="admin",
    body={"partner": "former-partner", "duties": ["billing_admin"], "last_day": LATER},
)  # fmt: skip
operation("accounts:end_delegation", "POST", by="admin", path={"delegation_id": Of("delegation")})
operation("accounts:calendar", by="admin", query={"version": "2"}, shows=True, pages="before")
operation("accounts:edit_calendar", by="admin", shows=True)
operation("accounts:edit_calendar", "POST", by="admin", body={"do": "add_window"}, shows=True)
operation("accounts:acting_for", by="partner", shows=True)
operation(
    "accounts:acting_for", "POST", by="partner", body={"customer": Of("organisation_id")}, others=("partner_at_home",)
)
operation("accounts:stop_acting", "POST", by="partner", others=("former_partner",))
operation("accounts:sign_on", by="admin", shows=True)
operation("accounts:add_domain", "POST", by="admin", body={"name": "example-of-the-matrix.test"})
operation(
    "accounts:prove_domain",
    "POST",
    by="admin",
    path={"domain_id": Of("waiting_domain")},
    body={"mailbox": "postmaster"},
)
operation("accounts:remove_domain", "POST", by="admin", path={"domain_id": Of("domain")})
operation("accounts:domain_link", by="admin", path={"key": "x" * 43})
operation("accounts:confirm_domain", by="admin", session={"domain_link": Of("domain_key")}, shows=True)
operation("accounts:confirm_domain", "POST", by="admin", session={"domain_link": Of("domain_key")})
