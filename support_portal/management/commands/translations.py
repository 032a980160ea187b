"""`manage.py translations`: update, check or compile the catalogues of what people read."""

from argparse import ArgumentParser
from typing import Any

from django.core.management.base import BaseCommand, CommandError

from support_portal import translations


class Command(BaseCommand):
    """Work on the catalogues in locale/; without an option they are updated and compiled."""

    help = "Update the translation catalogues from the sources, check them, or compile them for use."
    requires_system_checks = ()

    def add_arguments(self, parser: ArgumentParser) -> None:
        """Offer the three acts."""
        acts = parser.add_mutually_exclusive_group()
        acts.add_argument("--check", action="store_true", help="fail when something is missing, fuzzy or obsolete")
        acts.add_argument("--compile", action="store_true", help="write the form that Django loads")

    def handle(self, *args: Any, **options: Any) -> None:
        """Do what was asked."""
        if options["check"]:
            self._check()
        elif not options["compile"]:
            for locale in translations.LOCALES:
                changed = translations.update(locale)
                self.stdout.write(f"{locale}: {'updated' if changed else 'up to date'}")
        for locale in translations.compile_all():
            self.stdout.write(f"{locale}: compiled")

    def _check(self) -> None:
        lines = [f"{locale}: {line}" for locale in translations.LOCALES for line in translations.check(locale).lines()]
        if lines:
            raise CommandError(
                "\n".join(
                    [
                        "Translations are not up to date:",
                        *lines[:60],
                        f"{len(lines)} in all. `make messages` updates the files.",
                    ]
                )
            )
        self.stdout.write("Translations are complete.")
