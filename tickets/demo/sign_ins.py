"""How a newcomer gets in: one sign-in for each role, a token, and a line that files a request; kept for the banner."""

from __future__ import annotations

import json
from dataclasses import asdict, dataclass
from datetime import datetime, timedelta
from typing import Any

from django.conf import settings

from accounts.scopes import SCOPES
from accounts.services.tokens import issue_token
from tickets.demo.surroundings import PASSWORD, Member, World

TOKEN_LASTS = timedelta(days=365)
OWNER = "katrin.vollmer@havelkraft.example.com"

# Role, address, and what is worth knowing of them.
WHO = (
    ("Customer, global admin", OWNER, "Berlin, Enterprise and Frontline plans"),
    ("Customer, global admin", "yating.lin@qinghe.example.com", "Taipei, Business plan, 繁體中文"),
    (
        "Customer with elevated support",
        "alejandra.ruiz@meridian.example.com",
        "Los Angeles, Premier: sets the severity",
    ),
    ("Customer, reader", "holger.binz@havelkraft.example.com", "reads the requests of Berlin, files none"),
    ("Customer, no role", "mira.sandow@havelkraft.example.com", "sees self-help and her admins"),
    ("Partner", "sanne.okoye@northlight.example.net", "acts for four customers, each with other duties"),
    ("Engineer", "lukas.brandt@desk.example.net", "Berlin, German and English"),
    ("Engineer", "yijun.chen@desk.example.net", "Taipei, 繁體中文"),
    ("Senior engineer", "pieter.vanhouten@desk.example.net", ""),
    ("Team lead", "ingrid.solberg@desk.example.net", "may publish policies"),
    ("Duty manager", "stefan.kirchner@desk.example.net", "told of every breach"),
    ("Billing specialist", "carla.benedetti@desk.example.net", ""),
    ("Pre-sales specialist", "oliver.nance@desk.example.net", ""),
    ("Account manager", "victoria.lindgren@desk.example.net", "looks after customers with elevated support"),
    ("Operator", "sam.okafor@desk.example.net", "keeps the portal running, reads no requests"),
)
EXAMPLE: dict[str, Any] = {
    "subject": "Two people cannot open the calendar of a meeting room",
    "description": "Since this morning the room calendar shows an error for two people in sales. Others see it.",
    "category": "technical.install_setup",
    "service": "exchange_online",
    "topic": "mailbox_permissions",
    "subscription": "havelkraft-office-365-e3",
    "impact": {
        "service_state": "degraded",
        "users_affected": "multiple_users",
        "business_impact": "moderate",
        "workaround": "yes",
        "deadline_at_risk": "no",
    },
    "contact": {"method": "email", "language": "en"},
}


@dataclass(frozen=True, slots=True)
class SignIn:
    """One line of the banner."""

    role: str
    email: str
    password: str
    note: str


def write_sign_ins(world: World, *, now: datetime) -> None:
    """Issue the demo's token and write everything to `settings.DEMO_FILE`, for its owner only."""
    members = {member.person.email: member for member in world.everybody()}
    token = _issue_token(members[OWNER], now=now)
    document = {
        "sign_ins": [asdict(SignIn(role, members[email].person.email, PASSWORD, note)) for role, email, note in WHO],
        "address": settings.PUBLIC_URL,
        "token": token,
        "curl": curl_line(token, address=settings.PUBLIC_URL),
    }
    file = settings.DEMO_FILE
    file.parent.mkdir(parents=True, exist_ok=True)
    draft = file.with_suffix(".new")
    draft.touch(mode=0o600)
    draft.write_text(json.dumps(document, ensure_ascii=False, indent=1), encoding="utf-8")
    draft.replace(file)


def _issue_token(owner: Member, *, now: datetime) -> str:
    issued = issue_token(
        actor=owner.actor, name="Demo token", scopes=list(SCOPES), expires_at=now + TOKEN_LASTS, now=now
    )
    return issued.secret


def curl_line(token: str, *, address: str) -> str:
    """A command that files a request, for any POSIX shell."""
    fields = ",\n    ".join(f"{json.dumps(name)}: {json.dumps(value)}" for name, value in EXAMPLE.items())
    return "\n".join(
        [
            f"curl -sS {address}/api/v1/service-requests/ \\",
            f'  -H "Authorization: Bearer {token}" \\',
            '  -H "Content-Type: application/json" -H "Idempotency-Key: demo-$(date +%s)" \\',
            f"  -d '{{\n    {fields}}}'",
        ]
    )
