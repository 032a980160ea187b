"""The commands, in the order in which the help lists them."""

from portal_cli.commands import (
    acting,
    completing,
    conversing,
    desk,
    exporting,
    filing,
    incidents,
    notices,
    reading,
    signing,
    watching,
)
from portal_cli.commands.group import portal

__all__ = ["portal"]

for _family in (
    signing,
    filing,
    reading,
    conversing,
    watching,
    acting,
    incidents,
    notices,
    desk,
    exporting,
    completing,
):
    for _command in _family.COMMANDS:
        portal.add_command(_command)
