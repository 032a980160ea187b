"""The command `portal`: choose the language, run, and end with a status that scripts can go by."""

from __future__ import annotations

import os
import sys

import click

from portal_cli import exits, words
from portal_cli.problems import Failure, WrongUsage


def main() -> None:
    """Run the command line of this process."""
    words.choose(words.language_of(sys.argv[1:], os.environ))
    sys.exit(run(sys.argv[1:]))


def run(arguments: list[str]) -> int:
    """Run one command line; the exit status."""
    from portal_cli.commands import portal  # only now, because help is written in the chosen language
    from portal_cli.shell import tell, usage_words

    wants_json = "--json" in arguments
    try:
        outcome = portal.main(args=arguments, prog_name="portal", standalone_mode=False)
    except click.UsageError as error:
        tell(WrongUsage(usage_words(error)), wants_json=wants_json)
        return exits.USAGE
    except (click.Abort, KeyboardInterrupt):
        sys.stderr.write("\n")
        return exits.INTERRUPTED
    except Failure as failure:
        tell(failure, wants_json=wants_json)
        return failure.exit_status
    except BrokenPipeError:
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())  # `portal list | head` is no fault
        return 0
    except OSError as error:  # a full disk, a folder that is not there
        tell(Failure(f"{error.filename or 'portal'}: {error.strerror or error}"), wants_json=wants_json)
        return exits.REFUSED
    return outcome if isinstance(outcome, int) else 0


if __name__ == "__main__":
    main()
