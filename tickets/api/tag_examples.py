"""Calls and answers about tags, for the schema."""

from __future__ import annotations

from accounts.api.schema import answered, sent

VIP = {"id": 4, "name": "VIP", "colour": "purple", "archived_at": None}

ADD = [sent("A tag with a colour", {"name": "VIP", "colour": "purple"}), answered("Added", VIP, status=201)]
READ = [answered("A tag", VIP)]
CHANGE = [
    sent("Another name", {"name": "Key customer"}),
    sent("No request is given it any more", {"archived": True}),
    answered("Changed", {**VIP, "name": "Key customer"}),
]
TAG = [sent("One on, another off", {"add": ["VIP"], "remove": ["needs call"]})]
