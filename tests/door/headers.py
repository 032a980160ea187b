"""What every answer has to carry: each header and cookie value of RELIABILITY.md, section 3."""

from __future__ import annotations

from tests.door.asking import Answer, Findings
from tests.door.operations import Operation
from tests.support_portal.test_headers import EVERYWHERE

POLICY = "Content-Security-Policy"
INERT = "default-src 'none'; sandbox; style-src 'unsafe-inline'; img-src 'none'"
OTHER_POLICIES = {  # operations whose answer has a policy of its own, and which
    "tickets:file": INERT,
    "api-attachment": INERT,
    "api-export-file": INERT,
    "tickets:export_file": INERT,
    "tickets:staff_export_file": INERT,
}
OF_ALL = ("schema",)  # the same for everybody: browsers keep it, and ask each time whether it is still so
STYLED = ("api-docs",)  # settled point 14: the docs of the API may use inline styles
PICTURES = ("tickets:file_preview", "api-attachment-preview")
SECRET_LINKS = (
    "tickets:survey", "accounts:confirm_address", "accounts:domain_link", "account_reset_password_from_key",
    "accounts:invitation",
    "sign_on_callback",  # its address holds the issuer's code
)  # fmt: skip


def check_headers(operation: Operation, answer: Answer, findings: Findings, way: str) -> None:
    """Note every header and cookie of the answer that is not as it should be (P-7)."""
    for name, value in EVERYWHERE.items():
        told = answer.headers.get(name, "")
        if name == "Cache-Control":
            kept = {part.strip() for part in told.split(",")}
            right = "no-cache" if operation.name in OF_ALL and answer.status == 200 else "no-store"
            findings.expect(right in kept and "public" not in kept, f"{way}: {name}: {told!r}")
        elif name == POLICY:
            findings.expect(_policy_is_right(operation, answer), f"{way}: {name}: {told}")
        elif name == "Referrer-Policy" and operation.name in SECRET_LINKS:
            findings.expect(told in (value, "no-referrer"), f"{way}: {name}: {told}")
        else:
            findings.expect(told == value, f"{way}: {name}: {told!r}")
    findings.expect("Access-Control-Allow-Origin" not in answer.headers, f"{way}: CORS")
    findings.expect("Strict-Transport-Security" not in answer.headers, f"{way}: HSTS on plain http")
    for name in ("Server", "X-Powered-By"):
        findings.expect(name not in answer.headers, f"{way}: {name}")
    for name, value in answer.headers.items():
        if name.startswith("Set-Cookie") and "Max-Age=0" not in value:
            parts = {part.strip() for part in value.split(";")}
            good = {"Path=/", "SameSite=Lax"} <= parts and ("HttpOnly" in parts or name.endswith(" theme"))
            findings.expect(good and not any(part.startswith("Domain") for part in parts), f"{way}: {value}")
    if operation.name in SECRET_LINKS and answer.status < 300:
        findings.expect(answer.headers["Referrer-Policy"] == "no-referrer", f"{way}: the secret is in the Referer")


def _policy_is_right(operation: Operation, answer: Answer) -> bool:
    told = directives(answer.headers.get(POLICY, ""))
    usual = directives(EVERYWHERE[POLICY])
    if answer.status >= 300 or (told == usual and "Content-Disposition" not in answer.headers):  # told of OPTIONS
        return told == usual or (operation.name in STYLED and _without_style(told) == _without_style(usual))
    if operation.name in OTHER_POLICIES:
        return told == directives(OTHER_POLICIES[operation.name])
    if operation.name in PICTURES:
        return "default-src 'none'" in told and "sandbox" in told
    if operation.name in STYLED:
        return _without_style(told) == _without_style(usual)
    return told == usual


def directives(policy: str) -> set[str]:
    """The parts of a content security policy, in whatever order."""
    return {part.strip() for part in policy.split(";") if part.strip()}


def _without_style(directives: set[str]) -> set[str]:
    return {each for each in directives if not each.startswith("style-src")}
