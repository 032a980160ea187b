"""More that must hold, each as a search for rows that break it: of reminders and silence (P-3), and of records."""

from __future__ import annotations

# As in `tickets.verification`: the promise, and a query for (subject, problem).
REMINDERS: tuple[tuple[str, str], ...] = (
    (
        "P-3",
        """SELECT r.number, 'awaits a response that is not promised, and nothing calls attention to it'
           FROM tickets_servicerequest r JOIN tickets_commitment c ON c.request_id = r.id AND c.ended_at IS NULL
           WHERE r.state = 'awaiting_response' AND r.due_at IS NULL AND NOT EXISTS (
               SELECT FROM tickets_timer t WHERE t.request_id = r.id AND t.kind = 'attention'
               AND t.state <> 'cancelled' AND t.due_at >= c.received_at)""",
    ),
    (
        "P-3",
        """SELECT r.number, 'is in progress, and nothing asks for its next update' FROM tickets_servicerequest r
           WHERE r.state = 'in_progress' AND NOT EXISTS (
               SELECT FROM tickets_timer t WHERE t.request_id = r.id AND t.kind = 'update_due'
               AND t.state IN ('waiting', 'held', 'failed'))""",
    ),
    (
        "P-3",
        """SELECT r.number, 'waits for its customer, and nothing will end that' FROM tickets_servicerequest r
           WHERE r.state = 'awaiting_customer' AND NOT EXISTS (
               SELECT FROM tickets_timer t WHERE t.request_id = r.id AND t.kind = 'waiting_close'
               AND t.state IN ('waiting', 'held', 'failed'))""",
    ),
    (
        "P-3",
        """SELECT r.number, 'timer ' || t.id || ' (' || t.kind || ') goes on although the request is ' || r.state
           FROM tickets_timer t JOIN tickets_servicerequest r ON r.id = t.request_id
           WHERE t.state IN ('waiting', 'held') AND CASE t.kind
               WHEN 'attention' THEN r.state <> 'awaiting_response' OR r.due_at IS NOT NULL
               WHEN 'update_due' THEN r.state <> 'in_progress'
               WHEN 'waiting_reminder' THEN r.state <> 'awaiting_customer'
               WHEN 'waiting_close' THEN r.state <> 'awaiting_customer'
               WHEN 'archive' THEN r.state <> 'closed'
               WHEN 'dispute' THEN r.dispute_due_at IS NULL
               ELSE false END""",
    ),
    (
        "P-3",
        """SELECT r.number, 'has a disputed severity, and nothing tells those who lead if nobody settles it'
           FROM tickets_severitydispute d JOIN tickets_servicerequest r ON r.id = d.request_id
           WHERE d.state = 'open' AND NOT EXISTS (
               SELECT FROM tickets_timer t WHERE t.request_id = d.request_id AND t.kind = 'dispute'
               AND t.state <> 'cancelled' AND t.due_at = d.due_at)""",
    ),
    (
        "P-3",
        """SELECT r.number, 'was closed without a reply, and had not been told so before'
           FROM tickets_timer t JOIN tickets_servicerequest r ON r.id = t.request_id
           WHERE t.kind = 'waiting_close' AND t.state = 'fired' AND NOT EXISTS (
               SELECT FROM tickets_timer w WHERE w.request_id = t.request_id AND w.generation = t.generation
               AND w.kind = 'waiting_reminder' AND w.state = 'fired' AND w.settled_at <= t.settled_at)""",
    ),
    (
        "P-3",
        """SELECT r.number, 'timer ' || t.id || ' closed it at another instant than was announced'
           FROM tickets_timer t JOIN tickets_servicerequest r ON r.id = t.request_id
           JOIN accounts_event e ON e.ref = 'timer:' || t.id
           WHERE t.kind = 'waiting_close' AND (e.kind <> 'request_closed' OR e.at <> t.due_at)""",
    ),
    (
        "P-3",
        """SELECT r.number, 'timer ' || t.id || ' was cancelled, and nothing tells why'
           FROM tickets_timer t JOIN tickets_servicerequest r ON r.id = t.request_id
           WHERE t.state = 'cancelled' AND t.cause = ''""",
    ),
)

# What is on record must agree with what else is on record (P-2, P-4, P-10).
RECORDS: tuple[tuple[str, str], ...] = (
    (
        "P-10",
        """SELECT 'accounts_event', 'can be changed: what guards it is missing or switched off'
           WHERE NOT EXISTS (
               SELECT FROM pg_trigger WHERE tgrelid = 'accounts_event'::regclass AND NOT tgisinternal
               AND tgenabled IN ('O', 'A'))""",
    ),
    (
        "P-4",
        """SELECT r.number, 'has an answer on commitment ' || c.id || ' that no event tells'
           FROM tickets_commitment c JOIN tickets_servicerequest r ON r.id = c.request_id
           WHERE c.responded_at IS NOT NULL AND NOT EXISTS (
               SELECT FROM accounts_event e
               WHERE e.number = r.number AND e.at = c.responded_at AND e.kind = 'first_response')""",
    ),
    (
        "P-4",
        """SELECT r.number, 'has commitment ' || c.id || ' ended by a closing that no event tells'
           FROM tickets_commitment c JOIN tickets_servicerequest r ON r.id = c.request_id
           WHERE c."end" = 'closed' AND NOT EXISTS (
               SELECT FROM accounts_event e
               WHERE e.number = r.number AND e.at = c.ended_at AND e.kind = 'request_closed')""",
    ),
    (
        "P-4",
        """SELECT r.number, 'has a breach that was noticed before it happened, or never'
           FROM tickets_commitment c JOIN tickets_servicerequest r ON r.id = c.request_id
           WHERE c.breached_at IS NOT NULL
           AND (c.breach_detected_at IS NULL OR c.breach_detected_at < c.breached_at)""",
    ),
    (
        "P-10",
        # While nobody has confirmed an assessment its higher candidate counts, and a policy may cap what was assessed.
        """SELECT r.number, 'has a severity that is not the one decided last' FROM tickets_servicerequest r
           WHERE r.severity IS DISTINCT FROM (
               SELECT CASE WHEN d.source <> 'engine' THEN d.severity ELSE greatest(
                   CASE WHEN r.needs_confirmation THEN d.assessment ->> 'candidate' ELSE d.severity END, (
                       SELECT p.document -> 'max_severity' ->> c.kind FROM tickets_commitment c
                       JOIN sla_policyversion p ON p.version = c.policy_version_id
                       WHERE c.request_id = r.id ORDER BY c.id LIMIT 1)) END
               FROM tickets_severitydecision d WHERE d.request_id = r.id ORDER BY d.id DESC LIMIT 1)""",
    ),
    (
        "P-4",
        """SELECT r.number, 'awaits a response at another severity than the one promised for'
           FROM tickets_servicerequest r JOIN tickets_commitment c ON c.request_id = r.id AND c.ended_at IS NULL
           WHERE r.state = 'awaiting_response' AND r.severity <> c.severity""",
    ),
    (
        "P-4",
        """SELECT r.number, 'mirrors a dispute of its severity that is not the one that stands'
           FROM tickets_servicerequest r
           LEFT JOIN tickets_severitydispute d ON d.request_id = r.id AND d.state = 'open'
           WHERE r.dispute_due_at IS DISTINCT FROM d.due_at OR (d.id IS NOT NULL AND d.cycle <> r.cycle)""",
    ),
    (
        "P-10",
        """SELECT r.number, 'had its severity disputed, or that settled, at an instant that no event tells'
           FROM tickets_severitydispute d JOIN tickets_servicerequest r ON r.id = d.request_id
           WHERE NOT EXISTS (
               SELECT FROM accounts_event e
               WHERE e.number = r.number AND e.at = d.at AND e.kind = 'severity_disputed')
           OR (d.settled_at IS NOT NULL AND NOT EXISTS (
               SELECT FROM accounts_event e
               WHERE e.ref = 'dispute:' || d.id AND e.at = d.settled_at AND e.kind = 'dispute_settled'))""",
    ),
    (
        "P-2",
        """SELECT coalesce(nullif(d.number, ''), 'delivery ' || d.id), 'delivery ' || d.id || ' went out at no instant'
           FROM accounts_delivery d WHERE d.state = 'sent' AND d.delivered_at IS NULL""",
    ),
)
