-- An audit trail of many records, for measuring only. Needs a crowd, and the settings trail.records, trail.large (the id
-- of the organisation that has half of them) and trail.address (the stand-in of an address that is rare).

CREATE TEMPORARY TABLE trail_customer ON COMMIT DROP AS
SELECT row_number() OVER (ORDER BY organisation_id) - 1 AS n, id, organisation_id
FROM accounts_person WHERE organisation_id IS NOT NULL;

CREATE TEMPORARY TABLE trail_staff ON COMMIT DROP AS
SELECT row_number() OVER (ORDER BY id) - 1 AS n, id FROM accounts_person WHERE is_staff;

WITH row AS (
    SELECT number.n, CASE number.n % 10 WHEN 9 THEN NULL WHEN 8 THEN other.organisation_id WHEN 7 THEN
        other.organisation_id WHEN 6 THEN other.organisation_id WHEN 5 THEN other.organisation_id
        ELSE current_setting('trail.large')::bigint END AS organisation_id, other.id AS colleague,
        (SELECT id FROM trail_customer WHERE organisation_id = current_setting('trail.large')::bigint) AS admin,
        staff.id AS staff
    FROM generate_series(0, current_setting('trail.records')::int - 1) AS number (n)
    JOIN trail_customer AS other ON other.n = (number.n / 10) % (SELECT count(*) FROM trail_customer)
    JOIN trail_staff AS staff ON staff.n = (number.n / 10) % (SELECT count(*) FROM trail_staff)
)
INSERT INTO accounts_event (
    organisation_id, number, kind, ref, actor_id, on_behalf_of_id, at, recorded_at, request_id, address, via, internal, data
)
SELECT organisation_id,
    CASE WHEN n % 10 IN (1, 2, 6) THEN 'SR-' || 100000000 + n / 50 ELSE '' END,
    CASE WHEN n % 2000 = 3 THEN 'delegation_granted' WHEN n % 10 = 9 THEN 'policy_draft_saved'
        ELSE (ARRAY['signed_in', 'customer_wrote', 'reply_posted', 'request_assigned', 'signed_in', 'profile_changed',
            'customer_wrote', 'signed_in', 'signed_out'])[1 + n % 10] END,
    '',
    CASE WHEN n % 2000 = 3 THEN colleague WHEN n % 10 IN (2, 3, 9) THEN staff WHEN n % 10 = 4 THEN NULL
        WHEN n % 10 < 5 THEN admin ELSE colleague END,
    CASE WHEN n % 2000 = 3 THEN organisation_id END,
    now() - (current_setting('trail.records')::int - n) * interval '30 seconds',
    now() - (current_setting('trail.records')::int - n) * interval '30 seconds',
    'of-the-trail-' || n / 2,
    CASE WHEN n % 5000 = 11 THEN current_setting('trail.address') ELSE md5((n % 499)::text) END,
    CASE WHEN n % 10 = 4 THEN 'sweep' ELSE 'page' END,
    n % 10 IN (3, 9) AND n % 2000 <> 3,
    '{}'
FROM row ORDER BY n
