-- What was common once and is gone since: among the oldest requests alone, where no list that begins with the newest finds
-- it soon. Every second of the oldest twentieth says "fossil" and 化石, the oldest hundredth was about setting up Skype, and
-- somebody who has left had the oldest hundredth.
WITH aged AS (
    SELECT id, row_number() OVER (ORDER BY created_at, id) AS place, count(*) OVER () AS amount FROM tickets_servicerequest
)
UPDATE tickets_servicerequest request
SET search = CASE WHEN place % 2 = 0 THEN search || to_tsvector('simple', 'fossil 化石') ELSE search END,
    category = CASE WHEN place * 100 <= amount AND kind = 'technical' THEN 'technical.install_setup' ELSE category END,
    service_id = CASE WHEN place * 100 <= amount AND kind = 'technical' THEN (
        SELECT id FROM tickets_service WHERE code = 'skype_for_business') ELSE service_id END,
    assignee_id = CASE WHEN place * 100 <= amount AND state = 'archived' THEN (
        SELECT id FROM accounts_person WHERE email = 'crowd-staff-0@example.com') ELSE assignee_id END
FROM aged WHERE aged.id = request.id AND place * 20 <= amount;

INSERT INTO tickets_tag (name, key, colour, version) VALUES ('common', 'common', '', 1), ('rare', 'rare', '', 1), ('old', 'old', '', 1);

INSERT INTO tickets_requesttag (organisation_id, request_id, tag_id)
SELECT organisation_id, request.id, tag.id FROM tickets_servicerequest request JOIN tickets_tag tag ON CASE tag.name
    WHEN 'common' THEN request.id % 2 = 0 WHEN 'rare' THEN request.id % 500 = 0 ELSE search @@ 'fossil' END
