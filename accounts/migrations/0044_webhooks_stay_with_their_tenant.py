"""An organisation's endpoint is told of that organisation alone, whatever writes the row (P-5).

No key can hold it: the desk's endpoints, which belong to no organisation, hear of all of them.
"""

from django.db import migrations

ADD = """
CREATE FUNCTION webhook_stays_with_its_tenant() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF EXISTS (SELECT FROM accounts_webhookendpoint WHERE id = NEW.endpoint_id
               AND organisation_id IS NOT NULL AND organisation_id IS DISTINCT FROM NEW.organisation_id) THEN
        RAISE EXCEPTION 'endpoint % is of another organisation', NEW.endpoint_id USING ERRCODE = 'integrity_constraint_violation';
    END IF;
    RETURN NEW;
END $$;
CREATE TRIGGER webhook_stays_with_its_tenant BEFORE INSERT OR UPDATE OF endpoint_id, organisation_id
    ON accounts_delivery FOR EACH ROW WHEN (NEW.endpoint_id IS NOT NULL)
    EXECUTE FUNCTION webhook_stays_with_its_tenant();
CREATE FUNCTION endpoint_keeps_its_tenant() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    RAISE EXCEPTION 'endpoint % stays with its organisation', OLD.id USING ERRCODE = 'integrity_constraint_violation';
END $$;
CREATE TRIGGER endpoint_keeps_its_tenant BEFORE UPDATE OF organisation_id ON accounts_webhookendpoint
    FOR EACH ROW WHEN (OLD.organisation_id IS DISTINCT FROM NEW.organisation_id)
    EXECUTE FUNCTION endpoint_keeps_its_tenant();
"""
REMOVE = """
DROP TRIGGER endpoint_keeps_its_tenant ON accounts_webhookendpoint;
DROP FUNCTION endpoint_keeps_its_tenant();
DROP TRIGGER webhook_stays_with_its_tenant ON accounts_delivery;
DROP FUNCTION webhook_stays_with_its_tenant();
"""


class Migration(migrations.Migration):
    dependencies = [("accounts", "0043_webhooks")]

    operations = [migrations.RunSQL(ADD, REMOVE)]
