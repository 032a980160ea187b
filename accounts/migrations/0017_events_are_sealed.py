"""Events are sealed in hash chains: a trigger queues each for its seal, and the database refuses to change a seal (P-10)."""

import django.db.models.deletion
import django.db.models.functions.datetime
from django.conf import settings
from django.db import migrations, models

FORWARD = """
CREATE FUNCTION accounts_event_waits_for_its_seal() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    INSERT INTO accounts_unsealedevent (event_id, chain)
        VALUES (NEW.id, CASE WHEN NEW.internal THEN 0 ELSE coalesce(NEW.organisation_id, 0) END);
    RETURN NULL;
END $$;
CREATE TRIGGER event_waits_for_its_seal AFTER INSERT ON accounts_event
    FOR EACH ROW EXECUTE FUNCTION accounts_event_waits_for_its_seal();
CREATE FUNCTION accounts_seal_is_insert_only() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    RAISE EXCEPTION 'seals are insert-only' USING ERRCODE = 'restrict_violation';
END $$;
CREATE TRIGGER seal_rows_stay BEFORE UPDATE OR DELETE ON accounts_seal
    FOR EACH ROW EXECUTE FUNCTION accounts_seal_is_insert_only();
CREATE TRIGGER seals_stay BEFORE TRUNCATE ON accounts_seal
    FOR EACH STATEMENT EXECUTE FUNCTION accounts_seal_is_insert_only();
"""
BACKWARD = """
DROP TRIGGER seals_stay ON accounts_seal;
DROP TRIGGER seal_rows_stay ON accounts_seal;
DROP FUNCTION accounts_seal_is_insert_only();
DROP TRIGGER event_waits_for_its_seal ON accounts_event;
DROP FUNCTION accounts_event_waits_for_its_seal();
"""


class Migration(migrations.Migration):
    dependencies = [("accounts", "0016_events_say_from_where")]

    operations = [
        migrations.CreateModel(
            "Seal",
            [
                (
                    "event",
                    models.OneToOneField(
                        on_delete=django.db.models.deletion.PROTECT,
                        primary_key=True,
                        related_name="seal",
                        serialize=False,
                        to="accounts.event",
                    ),
                ),
                ("chain", models.BigIntegerField()),
                ("sequence", models.BigIntegerField()),
                ("salt", models.CharField(max_length=32)),
                ("hash", models.CharField(max_length=64)),
                ("sealed_at", models.DateTimeField(db_default=django.db.models.functions.datetime.Now())),
            ],
            options={
                "constraints": [
                    models.UniqueConstraint(fields=["chain", "sequence"], name="a_place_in_a_chain_once"),
                    models.CheckConstraint(condition=models.Q(sequence__gte=1), name="chains_begin_with_one"),
                ]
            },
        ),
        migrations.CreateModel(
            "UnsealedEvent",
            [
                ("event_id", models.BigIntegerField(primary_key=True, serialize=False)),
                ("chain", models.BigIntegerField()),
                ("queued_at", models.DateTimeField(db_default=django.db.models.functions.datetime.Now())),
            ],
        ),
        migrations.CreateModel(
            "HeadSubscription",
            [
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("since", models.DateTimeField(db_default=django.db.models.functions.datetime.Now())),
                (
                    "organisation",
                    models.ForeignKey(
                        blank=True,
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to="accounts.organisation",
                    ),
                ),
                (
                    "person",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE, related_name="+", to=settings.AUTH_USER_MODEL
                    ),
                ),
            ],
            options={
                "constraints": [
                    models.UniqueConstraint(
                        fields=["person", "organisation"], name="a_head_is_mailed_once", nulls_distinct=False
                    )
                ]
            },
        ),
        migrations.CreateModel(
            "MailedHead",
            [
                ("chain", models.BigIntegerField(primary_key=True, serialize=False)),
                ("day", models.DateField()),
                ("sequence", models.BigIntegerField()),
            ],
        ),
        migrations.RunSQL(FORWARD, BACKWARD),
    ]
