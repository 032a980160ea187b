"""What partners ask for and are granted, on either side."""

from __future__ import annotations

from tests.door.recipes import Of, operation
from tests.door.recipes.accounts import LATER

ASK, DELEGATION = {"ask_id": Of("ask")}, {"delegation_id": Of("delegation")}
REASON = "We have looked after your mail for years."

operation("accounts:delegation", by="admin", path=DELEGATION, shows=True, pages="cursor")
operation("accounts:grant_ask", by="admin", path=ASK)
operation(
    "accounts:grant_ask", "POST", by="admin", path=ASK,
    body={"grant-{ask}-duties": ["billing_admin"], "grant-{ask}-last_day": LATER},
)  # fmt: skip
operation("accounts:decline_ask", by="admin", path=ASK)
operation("accounts:decline_ask", "POST", by="admin", path=ASK, body={"decline-{ask}-reason": "Not this year."})
operation(
    "accounts:delegation_asks", by="partner_at_home", query={"extend": Of("delegation")}, shows=True, pages="cursor"
)
operation(
    "accounts:delegation_asks", "POST", by="partner_at_home", others=("former_partner",),
    body={"customer": "nobody-of-the-matrix", "duties": ["billing_admin"], "last_day": LATER, "reason": REASON},
)  # fmt: skip
operation("accounts:withdraw_ask", "POST", by="partner_at_home", path=ASK)
operation("accounts:delegates", by="partner_at_home", path=DELEGATION, shows=True)
operation("accounts:delegates", "POST", by="partner_at_home", path=DELEGATION, body={"who": "everybody"})

GRANTED = {"duties": ["billing_admin"], "expires_at": f"{LATER}T16:00:00Z"}
operation("api-delegations", by="admin", shows=True, pages="cursor")
operation("api-delegations", "POST", by="admin", body={"partner": "former-partner", **GRANTED})
operation("api-delegation", by="admin", others=("partner_at_home",), path=DELEGATION, shows=True)
operation("api-end-delegation", "POST", by="admin", path=DELEGATION, body={})
operation("api-delegates", "POST", by="partner_at_home", path=DELEGATION, body={"people": None})
operation("api-acts-under", by="admin", path=DELEGATION, pages="cursor")
operation("api-delegation-asks", by="admin", shows=True, pages="cursor")
operation(
    "api-delegation-asks", "POST", by="partner_at_home", others=("former_partner",),
    body={
        "customer": "nobody-of-the-matrix", "duties": ["billing_admin"], "reason": REASON,
        "wished_until": f"{LATER}T16:00:00Z",
    },
)  # fmt: skip
operation("api-delegation-ask", by="admin", path=ASK, shows=True)
operation("api-grant-ask", "POST", by="admin", path=ASK, body=GRANTED)
operation("api-decline-ask", "POST", by="admin", path=ASK, body={"reason": "Not this year."})
operation("api-withdraw-ask", "POST", by="partner_at_home", path=ASK, body={})
