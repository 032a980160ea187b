"""What the portal has told whoever calls."""

from __future__ import annotations

import click

from portal_cli.commands.group import command, every, key, limit
from portal_cli.shell import Shell, pass_shell
from portal_cli.showing import Code, Columns, when
from portal_cli.words import _

NEW = "new"
INBOX: Columns = {
    _("At"): lambda row: when(row["at"]),
    _("Read"): lambda row: when(row["read_at"]) or Code(NEW),
    _("Number"): lambda row: row["number"] or "",
    _("Notice"): lambda row: row["headline"],
}


@command("inbox", help=_("List what the portal has told you, the newest first; with --read, mark all of it as read."))
@click.option("--unread", is_flag=True, default=None, help=_("Only what is new."))
@click.option("--read", "reading", is_flag=True, help=_("Mark everything as read, and list nothing."))
@limit
@every
@key
@pass_shell
def inbox(shell: Shell, unread: bool | None, reading: bool, limit: int, every: bool, key: str | None) -> None:
    """List one's own notices, or mark all of them as read."""
    api = shell.api()
    if reading:
        told = api.post("me/inbox/read/", {}, key=key)
        shell.screen.answer(told, [_("Marked as read: {count}").format(count=told["marked"])])
        return
    rows = api.pages("me/inbox/", limit=None if every else limit, unread=unread)
    shell.screen.rows(rows, INBOX, nothing=_("There is nothing new.") if unread else _("There is nothing."))


COMMANDS = (inbox,)
