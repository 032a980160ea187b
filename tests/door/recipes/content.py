"""Erasing a person, and one's own data."""

from tests.door.recipes import Of, operation

WHO_LEFT = {"person_id": Of("closed_id")}
EVERYBODY_OF_A = ("second_admin", "reader", "sharepoint_admin", "user", "partner")  # whose file holds their own

operation("tickets:erase_person", by="admin", path=WHO_LEFT, shows=True)
operation(
    "tickets:erase_person",
    "POST",
    by="admin",
    others=("operator",),
    path=WHO_LEFT,
    body={"address": Of("closed_email")},
)
operation("tickets:my_data", by="admin")
operation("tickets:my_data", "POST", by="admin", others=EVERYBODY_OF_A, body={"form": "json"})
