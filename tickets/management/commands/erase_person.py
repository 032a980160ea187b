"""`manage.py erase_person ADDRESS`: erase a deactivated person for good; the address is typed twice."""

from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser

from accounts.errors import ErasedAlready, StillActive
from accounts.models import Person
from tickets.services.erasure import erase_person


class Command(BaseCommand):
    """Replace name, address and phone of a deactivated person, and remove what was theirs alone."""

    help = __doc__

    def add_arguments(self, parser: CommandParser) -> None:
        """Ask for whom, and for the same again."""
        parser.add_argument("address", help="mail address of a person who was deactivated")
        parser.add_argument("--confirm", default="", metavar="ADDRESS", help="the same address; this cannot be undone")

    def handle(self, *args: Any, **options: Any) -> None:
        """Erase, once both addresses agree."""
        address = options["address"].strip().lower()
        if options["confirm"].strip().lower() != address:
            raise CommandError("This cannot be undone. Repeat the address: --confirm ADDRESS")
        try:
            person = erase_person(person_id=Person.objects.get(email=address).pk)
        except Person.DoesNotExist:
            raise CommandError("There is nobody with this address.") from None
        except (StillActive, ErasedAlready) as error:
            reason = "can still sign in" if isinstance(error, StillActive) else "is erased already"
            raise CommandError(f"This person {reason}.") from None
        self.stdout.write(f"Person {person.pk} is erased.")
