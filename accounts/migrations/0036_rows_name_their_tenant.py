"""What refers to a row of an organisation names the organisation as well: no other tenant's can be stored (P-5)."""

from django.db import migrations, models

KEYS = {
    "subscription_bought_after_of_the_same_tenant": (
        "accounts_subscription (organisation_id, bought_after_id)",
        "accounts_subscription (organisation_id, id)",
    ),
    "ask_granted_between_the_same_two": (
        "accounts_delegationask (customer_id, partner_id, delegation_id)",
        "accounts_delegation (customer_id, partner_id, id)",
    ),
}


def added(name: str) -> migrations.RunSQL:
    child, parent = KEYS[name]
    table, columns = child.split(" ", 1)
    return migrations.RunSQL(
        f"ALTER TABLE {table} ADD CONSTRAINT {name} FOREIGN KEY {columns} REFERENCES {parent} "
        "DEFERRABLE INITIALLY DEFERRED;",
        f"ALTER TABLE {table} DROP CONSTRAINT {name};",
    )


class Migration(migrations.Migration):
    dependencies = [("accounts", "0035_invitations_by_the_desk")]

    operations = [
        migrations.AddConstraint(
            model_name="calendarversion",
            constraint=models.UniqueConstraint(fields=("organisation", "id"), name="calendar_version_of_organisation"),
        ),
        migrations.AddConstraint(
            model_name="delegation",
            constraint=models.UniqueConstraint(fields=("customer", "partner", "id"), name="delegation_of_both"),
        ),
        migrations.AddConstraint(
            model_name="elevatedcontract",
            constraint=models.UniqueConstraint(fields=("organisation", "id"), name="contract_of_organisation"),
        ),
        migrations.AddConstraint(
            model_name="subscription",
            constraint=models.UniqueConstraint(fields=("organisation", "id"), name="subscription_of_organisation"),
        ),
        *map(added, KEYS),
    ]
