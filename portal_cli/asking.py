"""Questions to whoever sits at a terminal, with the choices that the portal offers."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

import click

from portal_cli.client import Api
from portal_cli.inert import one_line
from portal_cli.words import _

Choices = list[tuple[str, str]]


def ask_for(api: Api, body: Mapping[str, Any], missing: Iterable[str]) -> dict[str, Any]:
    """Ask for what is missing, and for what helps to assess it; answers may be left open."""
    found: dict[str, Any] = {}
    if "subject" in missing:
        found["subject"] = click.prompt(_("Subject"), err=True)
    if "category" not in missing:
        return found
    catalogue = api.get("catalogue/")
    categories = {each["code"]: each for each in catalogue["categories"]}
    found["category"] = choose(_("Category"), named(catalogue["categories"]))
    category = categories[found["category"]]
    if category["subscription_required"] and "subscription" not in body:
        rows = api.pages("subscriptions/")
        found["subscription"] = choose(
            _("Subscription"), [(row["reference"], _plan(row, api.language)) for row in rows]
        )
    if category["kind"] == "technical" and "service" not in body:
        found["service"] = choose(_("Service"), named(catalogue["services"]), needed=False)
    if category["kind"] == "technical" and "impact" not in body:
        answers = {
            each["code"]: choose(each["name"], named(each["answers"]), needed=False) for each in catalogue["impact"]
        }
        found["impact"] = {name: answer for name, answer in answers.items() if answer}
    return {name: value for name, value in found.items() if value}


def _plan(subscription: Mapping[str, Any], language: str) -> str:
    plan = subscription["plan"]
    return f"{plan['names'].get(language, plan['code'])} ({subscription['reference']})"


def named(rows: Iterable[Mapping[str, Any]]) -> Choices:
    """Codes with their words."""
    return [(row["code"], row["name"]) for row in rows]


def choose(title: str, choices: Choices, *, needed: bool = True) -> str:
    """One of the choices by its number; nothing for Enter, where it may be left open."""
    click.echo(f"\n{one_line(title)}", err=True)
    for place, (_code, words) in enumerate(choices, 1):
        click.echo(f"  {place:>2}  {one_line(words)}", err=True)
    if not choices:
        return ""
    lowest, default = (1, None) if needed else (0, 0)
    prompt = _("Number") if needed else _("Number (Enter: not known)")
    place = click.prompt(
        prompt, type=click.IntRange(lowest, len(choices)), default=default, show_default=False, err=True
    )
    return choices[place - 1][0] if place else ""
