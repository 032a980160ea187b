"""Operations that landed while the matrix was being built, and wait for their recipe; nothing is added here."""

AWAITED = {
    "api-audit GET",
    "api-audit-export GET",
    "tickets:audit GET",
    "tickets:audit_head POST",
    "tickets:audit_verifier GET",
    "tickets:export_audit POST",
    "tickets:export_staff_audit POST",
    "tickets:staff_audit GET",
    "tickets:staff_audit_head POST",
    "tickets:staff_audit_verifier GET",
}
