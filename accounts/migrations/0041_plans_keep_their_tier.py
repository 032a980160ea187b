"""A plan keeps its tier for good: what was promised, and what is promised next, goes by it (SLA-1, SLA-2).

For plans without a subscription as well: one that is made at the same moment would not be seen. Such a plan can be
removed and made anew.
"""

from django.db import migrations

FORWARD = """
CREATE FUNCTION accounts_plan_keeps_its_tier() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    RAISE EXCEPTION 'a plan keeps its tier' USING ERRCODE = 'restrict_violation';
END $$;
CREATE TRIGGER plan_keeps_its_tier BEFORE UPDATE ON accounts_plan FOR EACH ROW
    WHEN (NEW.tier IS DISTINCT FROM OLD.tier OR NEW.standalone IS DISTINCT FROM OLD.standalone)
    EXECUTE FUNCTION accounts_plan_keeps_its_tier();
"""
BACKWARD = """
DROP TRIGGER plan_keeps_its_tier ON accounts_plan;
DROP FUNCTION accounts_plan_keeps_its_tier();
"""


class Migration(migrations.Migration):
    dependencies = [
        ("accounts", "0040_earlier_roles_by_claim"),
    ]

    operations = [
        migrations.RunSQL(FORWARD, BACKWARD),
    ]
