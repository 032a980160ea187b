"""`manage.py create_operator ADDRESS`: the first person of an installation, who invites all others in the portal."""

from __future__ import annotations

from typing import Any

from django.conf import settings
from django.core.exceptions import ValidationError
from django.core.management.base import BaseCommand, CommandError, CommandParser
from django.core.validators import validate_email

from accounts.errors import AddressTaken, InvalidParticulars, InvalidPreference
from accounts.links import reset_link
from accounts.services.staff import make_operator


class Command(BaseCommand):
    """Make an operator, and print a link behind which they choose a password: it works once, for an hour.

    Running it again for the same address prints a new link, and opens an account that was closed.
    """

    help = __doc__

    def add_arguments(self, parser: CommandParser) -> None:
        """Take the address, the name and the language."""
        parser.add_argument("address", help="mail address; it counts as confirmed")
        parser.add_argument("--name", default="", help="how the portal calls them; the address unless told")
        parser.add_argument("--language", default="en", help="of pages and mail: en or zh-hant")

    def handle(self, *args: Any, address: str, name: str, language: str, **options: Any) -> None:
        """Make the account and say how to get in."""
        try:
            validate_email(address)
            person = make_operator(email=address, name=name or address.partition("@")[0], language=language)
        except ValidationError:
            raise CommandError(f"{address!r} is no mail address.") from None
        except AddressTaken:
            raise CommandError(f"{address} belongs to somebody of a customer. Take another address.") from None
        except InvalidParticulars:
            raise CommandError(f"{name!r} cannot be a name.") from None
        except InvalidPreference:
            choices = ", ".join(code for code, _name in settings.LANGUAGES)
            raise CommandError(f"There is no language {language!r} here. Choose from {choices}.") from None
        self.stdout.write(f"{person.name} ({person.email}) is an operator. Open this link to choose a password;")
        self.stdout.write("it works once, for one hour:")
        self.stdout.write("")
        self.stdout.write(reset_link(person))
