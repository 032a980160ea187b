"""What the parts of addresses mean, and what the groups of operations are about, for the OpenAPI document.

Addresses are written by the views, which say nothing of their parts; a test holds every part and every group against
these tables.
"""

from __future__ import annotations

from typing import Any

# By the first word of the address and the name of the part, or by the name alone.
PARTS: dict[str, str] = {
    "articles.slug": "The article's `slug`.",
    "ask_id": "The ask's `id`.",
    "attachment_id": "The file's `id`.",
    "contract_id": "The contract's `id`.",
    "delegation_id": "The delegation's `id`.",
    "delivery_id": "The delivery's `id`.",
    "domain_id": "The domain's `id`.",
    "draft_id": "The draft's `id`.",
    "endpoint_id": "The endpoint's `id`.",
    "engagements.number": "The engagement's number, such as `EN-314159265`.",
    "export_id": "The export's `id`.",
    "identity_id": "The `id` of what binds a person to the issuer.",
    "incidents.number": "The incident's number, such as `INC-2026-48213`.",
    "invitation_id": "The invitation's `id`.",
    "mapping_id": "The mapping's `id`.",
    "organisations.slug": "The organisation's short name, `slug` in `GET /organisations/`.",
    "organisations.version": "A version of the business hours, counted from 1.",
    "pattern_id": "The weekly duty's `id`.",
    "people.person_id": "The person's `id`.",
    "plans.code": "The plan's `code`.",
    "policies.version": "The version under which the policy was published.",
    "principal_id": "The service principal's `id`.",
    "reference": "The subscription's `reference`.",
    "service-requests.number": "The request's number, such as `SR-481516234`.",
    "session_id": "The session's `id`.",
    "shift_id": "The shift's `id`.",
    "staff.code": "The team's `code`.",
    "staff.person_id": "The colleague's `id`.",
    "tag_id": "The tag's `id`.",
    "timer_id": "The timer's `id`.",
    "token_id": "The token's `id`; never its secret.",
}
GROUPS: dict[str, str] = {
    "service-requests": "File requests and follow them to their end; everything that hangs on one.",
    "catalogue": "Every code that requests are filed and closed with, in words.",
    "severity-levels": "The severities in words, and whether the caller may set them.",
    "support-hours": "When somebody is there.",
    "commitments": "What would be promised.",
    "subscriptions": "What an organisation has bought, and a request is about.",
    "incidents": "Outages and degradations that support knows of.",
    "articles": "Self-help.",
    "phone-numbers": "Where to call.",
    "features": "What support includes, by plan.",
    "exports": "Files of many requests, of their commitments or events, written in the background.",
    "reports": "What was promised and what became of it.",
    "audit": "Who did what, on whose behalf, when, by which call and from where.",
    "webhooks": "Endpoints that are told of what happens, and the log of what they were sent.",
    "me": "The caller: profile, notices, signed-in browsers.",
    "tokens": "API tokens of the caller.",
    "organisations": "Organisations and their business hours.",
    "people": "The people of the organisation, their roles and accounts.",
    "invitations": "Who was invited and has not come yet.",
    "service-principals": "Programs of the organisation, with roles and tokens of their own.",
    "delegations": "Which partner acts for which customer, in which duties; asks of partners.",
    "domains": "The organisation's mail domains.",
    "single-sign-on": "How the organisation's people sign in through its issuer.",
    "engagements": "Work on site and by plan that elevated support includes.",
    "contracts": "Elevated support.",
    "plans": "What can be bought.",
    "queue": "For support staff: what is owed next.",
    "tags": "For support staff: the desk's list of tags.",
    "rota": "For support staff: who is on duty, and when.",
    "staff": "For support staff: colleagues and teams.",
    "policies": "For support staff: response times as published, and drafts of them.",
    "operations": "For support staff: what failed for good, and trying it again.",
}


def describe_parts(path: str, parameters: list[dict[str, Any]]) -> None:
    """Say of each part of the address what it is."""
    first = path.removeprefix("/api/v1/").partition("/")[0]
    for parameter in parameters:
        if parameter["in"] == "path" and not parameter.get("description"):
            name = parameter["name"]
            parameter["description"] = PARTS.get(f"{first}.{name}") or PARTS[name]


def groups_of(document: dict[str, Any]) -> list[dict[str, str]]:
    """The groups that operations name, in the order in which a reader meets them."""
    named = {name for methods in document["paths"].values() for each in methods.values() for name in each["tags"]}
    return [{"name": name, "description": words} for name, words in GROUPS.items() if name in named]
