-- A full desk, for measuring only. Needs the temporary tables crowd_number (n, number) and crowd_text (n, subject, body,
-- words, language, assessment), and the settings crowd.organisations, crowd.requests, crowd.engineers and crowd.share.

CREATE TEMPORARY TABLE crowd_organisation ON COMMIT DROP AS
WITH made AS (
    INSERT INTO accounts_organisation
        (slug, name, is_partner, country, subdivision, timezone, language, phone, is_active)
    SELECT 'crowd-' || n, 'Customer ' || n, false, 'TW', '', 'Asia/Taipei', 'zh-Hant', '+886 2 5550 0100', true
    FROM generate_series(0, current_setting('crowd.organisations')::int - 1) AS n
    RETURNING id, slug
)
SELECT split_part(slug, '-', 2)::int AS n, id, slug, 0::bigint AS person, 0::bigint AS subscription, 0::bigint AS calendar
FROM made;

WITH made AS (
    INSERT INTO accounts_calendarversion
        (organisation_id, version, country, subdivision, own_days, worked_days, renews, note, document)
    SELECT id, 1, '', '', '[]', '{}', false, '', '{"timezone": "Asia/Taipei", "holidays": [], "windows": {
        "0": [["09:00", "18:00"]], "1": [["09:00", "18:00"]], "2": [["09:00", "18:00"]], "3": [["09:00", "18:00"]],
        "4": [["09:00", "18:00"]]}}'
    FROM crowd_organisation
    RETURNING id, organisation_id
)
UPDATE crowd_organisation SET calendar = made.id FROM made WHERE made.organisation_id = crowd_organisation.id;

WITH made AS (
    INSERT INTO accounts_subscription (organisation_id, reference, plan_id, trial, seats, starts_at)
    SELECT id, slug, (SELECT id FROM accounts_plan WHERE code = 'office_365_e3'), false, 50, now() - interval '3 years'
    FROM crowd_organisation
    RETURNING id, organisation_id
)
UPDATE crowd_organisation SET subscription = made.id FROM made WHERE made.organisation_id = crowd_organisation.id;

WITH made AS (
    INSERT INTO accounts_person (
        password, email, name, organisation_id, is_staff, languages, language, timezone, phone, is_active,
        email_confirmed_at
    )
    SELECT '!', slug || '@example.com', 'Admin of ' || slug, id, false, '{zh-Hant}', 'en', 'Asia/Taipei', '', true,
        now() - interval '3 years'
    FROM crowd_organisation
    RETURNING id, organisation_id
)
UPDATE crowd_organisation SET person = made.id FROM made WHERE made.organisation_id = crowd_organisation.id;

INSERT INTO accounts_rolegrant (person_id, role) SELECT person, 'global_admin' FROM crowd_organisation;

CREATE TEMPORARY TABLE crowd_staff ON COMMIT DROP AS
WITH made AS (
    INSERT INTO accounts_person (
        password, email, name, is_staff, team_id, languages, language, timezone, phone, is_active, email_confirmed_at
    )
    SELECT '!', 'crowd-staff-' || n || '@example.com', 'Engineer ' || n, true,
        (SELECT id FROM accounts_team WHERE 'technical' = ANY (support_kinds) ORDER BY id LIMIT 1), '{en,zh-Hant}',
        'en', 'UTC', '', true, now() - interval '3 years'
    FROM generate_series(0, current_setting('crowd.engineers')::int + 2) AS n
    RETURNING id, email
)
SELECT split_part(split_part(email, '@', 1), '-', 3)::int - 3 AS n, id FROM made;

INSERT INTO accounts_rolegrant (person_id, role)
SELECT id, CASE n WHEN -3 THEN 'team_lead' WHEN -2 THEN 'duty_manager' WHEN -1 THEN 'billing_specialist' ELSE 'engineer' END
FROM crowd_staff;

-- Of 20 requests 4 are unanswered, 3 in progress, 2 wait for the customer, 3 are closed and 8 archived. Of a hundred
-- crowd.share belong to one large customer. Of the promises that run, a tenth is broken.
CREATE TEMPORARY TABLE crowd_request ON COMMIT DROP AS
WITH dice AS (
    SELECT n, abs(hashint4(n)::bigint) % 20 AS side, abs(hashint4(n + 1000000)::bigint) % 1000 AS thousand,
        abs(hashint4(n + 2000000)::bigint) % 1000 AS other
    FROM generate_series(0, current_setting('crowd.requests')::int - 1) AS n
), sorts AS (
    SELECT *,
        CASE WHEN other / 10 < 80 THEN 'technical' WHEN other / 10 < 92 THEN 'billing' WHEN other / 10 < 97 THEN 'presales'
             ELSE 'advisory' END AS kind,
        CASE WHEN other % 10 = 0 THEN 'A' WHEN other % 10 < 5 THEN 'B' ELSE 'C' END AS severity,
        CASE WHEN side < 4 THEN 'awaiting_response' WHEN side < 7 THEN 'in_progress' WHEN side < 9 THEN 'awaiting_customer'
             WHEN side < 12 THEN 'closed' ELSE 'archived' END AS state,
        CASE WHEN abs(hashint4(n + 3000000)::bigint) % 100 < current_setting('crowd.share')::int THEN 0
             ELSE thousand % current_setting('crowd.organisations')::int END AS customer
    FROM dice
), promised AS (
    SELECT *,
        CASE WHEN kind = 'technical' AND severity = 'A' THEN interval '1 hour'
             WHEN kind = 'technical' AND severity = 'B' THEN interval '24 hours' END AS within,
        CASE state WHEN 'closed' THEN now() - thousand * interval '20 minutes'
             WHEN 'archived' THEN now() - interval '15 days' - thousand * interval '9 hours' END AS closed_at
    FROM sorts
)
SELECT *, CASE
        WHEN closed_at IS NOT NULL THEN closed_at - interval '30 hours'
        WHEN state = 'awaiting_response' THEN now() - coalesce(within, interval '72 hours') * (thousand / 900.0)
        ELSE now() - interval '2 days' - thousand * interval '15 minutes' END AS created_at
FROM promised;

INSERT INTO tickets_servicerequest (
    number, organisation_id, subscription_id, opened_by_id, primary_contact_id, kind, tier, category, service_id,
    subject, language, service_state, users_affected, business_impact, workaround, deadline_at_risk, contact_method,
    contact_phone, contact_timezone, contact_country, translator, phone_missing, diagnostic_consent, is_test, state,
    severity, needs_confirmation, scope, cycle, generation, version, assignee_id, team_id, created_at, changed_at,
    responded_at, due_at, queue_at, closed_at, resolution, referral, search
)
SELECT number, organisation.id, organisation.subscription, organisation.person, organisation.person, kind, 'enterprise',
    CASE kind WHEN 'technical' THEN 'technical.configuration' ELSE kind END,
    CASE kind WHEN 'technical' THEN (
        SELECT id FROM tickets_service WHERE code IN ('exchange_online', 'sharepoint_online', 'microsoft_365_apps')
        ORDER BY id OFFSET thousand % 3 LIMIT 1) END,
    subject, text.language, '', '', '', '', '', 'email', '', 'Asia/Taipei', 'TW', false, false, false, false, state,
    severity, false, 'in_scope', 1, 1, 1,
    CASE WHEN state <> 'awaiting_response' OR thousand % 3 = 0 THEN staff.id END,
    (SELECT id FROM accounts_team WHERE 'technical' = ANY (support_kinds) ORDER BY id LIMIT 1),
    created_at, created_at,
    CASE WHEN state <> 'awaiting_response' THEN created_at + interval '20 minutes' END,
    CASE WHEN state = 'awaiting_response' THEN created_at + within END,
    CASE WHEN state = 'awaiting_response' THEN created_at + coalesce(within, interval '72 hours')
         ELSE now() + (thousand - 100) * interval '5 minutes' END,
    closed_at, CASE WHEN closed_at IS NULL THEN '' ELSE 'solved' END, '', to_tsvector('simple', words || ' crowd' || request.n)
FROM crowd_request request
JOIN crowd_organisation organisation ON organisation.n = customer
JOIN crowd_staff staff ON staff.n = thousand % current_setting('crowd.engineers')::int
JOIN crowd_number number ON number.n = request.n
JOIN crowd_text text ON text.n = request.n % (SELECT count(*) FROM crowd_text)
ORDER BY created_at;

CREATE TEMPORARY TABLE crowd_row ON COMMIT DROP AS
SELECT request.*, organisation.calendar, crowd_number.n
FROM tickets_servicerequest request
JOIN crowd_number USING (number)
JOIN crowd_organisation organisation ON organisation.id = request.organisation_id;

INSERT INTO tickets_message (organisation_id, request_id, kind, author_id, body, at)
SELECT organisation_id, request.id, said.kind, author, said.body, at
FROM crowd_row request
JOIN crowd_text text ON text.n = request.n % (SELECT count(*) FROM crowd_text)
CROSS JOIN LATERAL (
    VALUES ('customer', opened_by_id, text.body, created_at), ('reply', assignee_id, 'We are on it.', responded_at)
) AS said (kind, author, body, at)
WHERE at IS NOT NULL
ORDER BY at;

INSERT INTO tickets_severitydecision
    (organisation_id, request_id, severity, previous, source, reason, engine_version, at, assessment)
SELECT request.organisation_id, request.id, request.severity, '', 'engine', '', 'crowd', request.created_at, text.assessment
FROM crowd_row request
JOIN crowd_text text ON text.n = request.n % (SELECT count(*) FROM crowd_text);

INSERT INTO tickets_commitment (
    organisation_id, request_id, cycle, revision, reason, kind, tier, severity, country, availability, target,
    policy_version_id, calendar_version_id, received_at, counted_from, due_at, responded_at, ended_at, "end"
)
SELECT organisation_id, id, 1, 1, 'filed', kind, tier, severity, 'TW', 'always',
    CASE WHEN due_at IS NULL THEN 'none' WHEN severity = 'A' THEN 'PT1H' ELSE 'PT24H' END,
    (SELECT max(version) FROM sla_policyversion), calendar, created_at, created_at, due_at, responded_at, responded_at,
    CASE WHEN responded_at IS NULL THEN '' ELSE 'response' END
FROM crowd_row;

-- Ladders of running promises (what would be due waits for the next sweep), settled ladders, and archive timers.
INSERT INTO tickets_timer (
    organisation_id, request_id, commitment_id, kind, step, generation, recipients, due_at, next_attempt_at, state,
    attempts, settled_at, cause
)
SELECT request.organisation_id, request.id, commitment.id, 'response', step, 1,
    CASE step WHEN '50' THEN '["assignee_or_team"]' WHEN '75' THEN '["team_lead"]' ELSE '["duty_manager"]' END::jsonb,
    at, at, CASE WHEN request.due_at IS NULL THEN 'cancelled' WHEN at < now() THEN 'fired' ELSE 'waiting' END, 0,
    CASE WHEN request.due_at IS NULL THEN request.responded_at WHEN at < now() THEN at END,
    CASE WHEN request.due_at IS NULL THEN 'answered' ELSE '' END
FROM crowd_row request
JOIN tickets_commitment commitment ON commitment.request_id = request.id
CROSS JOIN LATERAL (VALUES ('50', 0.5), ('75', 0.75), ('100', 1), ('200', 2)) AS ladder (step, share)
CROSS JOIN LATERAL (
    SELECT request.created_at + share * coalesce(request.due_at - request.created_at, interval '1 hour') AS at
) AS instant
WHERE request.due_at IS NOT NULL OR (request.severity <> 'C' AND request.responded_at IS NOT NULL);

INSERT INTO tickets_timer (
    organisation_id, request_id, kind, step, generation, recipients, due_at, next_attempt_at, state, attempts,
    settled_at, cause
)
SELECT organisation_id, id, 'archive', '', 2, '[]', at, at,
    CASE WHEN state = 'archived' THEN 'fired' ELSE 'waiting' END, 0, CASE WHEN state = 'archived' THEN at END, ''
FROM crowd_row CROSS JOIN LATERAL (SELECT closed_at + interval '14 days 1 microsecond' AS at) AS instant
WHERE closed_at IS NOT NULL;

CREATE TEMPORARY TABLE crowd_event ON COMMIT DROP AS
WITH made AS (
    INSERT INTO accounts_event (organisation_id, number, kind, ref, actor_id, at, request_id, internal, data)
    SELECT organisation_id, number, event.kind, '', actor, at, '', false, '{}'
    FROM crowd_row CROSS JOIN LATERAL (
        VALUES ('request_filed', opened_by_id, created_at), ('first_response', assignee_id, responded_at),
            ('reply_posted', assignee_id, responded_at)
    ) AS event (kind, actor, at)
    WHERE at IS NOT NULL
    ORDER BY at
    RETURNING id, organisation_id, number, kind, at
)
SELECT * FROM made WHERE kind <> 'first_response';

-- Every notice as a mail and as a copy in the portal; one in ten mails is still to be sent.
INSERT INTO accounts_delivery (
    event_id, organisation_id, number, channel, person_id, destination, notice, context, message_id, state, attempts,
    next_attempt_at, last_error, created_at, delivered_at, read_at
)
SELECT event.id, event.organisation_id, event.number, channel, person, 'person:' || person, event.kind, '{}',
    '<' || gen_random_uuid() || '@crowd.example.com>', CASE WHEN pending THEN 'pending' ELSE 'sent' END, 0, at, '', at,
    CASE WHEN NOT pending THEN at END, CASE WHEN event.id % 20 <> 0 THEN at END
FROM crowd_event event
JOIN crowd_organisation organisation ON organisation.id = event.organisation_id
CROSS JOIN (VALUES ('mail'), ('portal')) AS way (channel)
CROSS JOIN LATERAL (SELECT channel = 'mail' AND event.id % 10 = 0 AS pending) AS outbox;
