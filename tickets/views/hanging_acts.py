"""Escalations by people and translators, each an ordinary form post that leads back to the request."""

from __future__ import annotations

from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from tickets.hanging_forms import ArrangeForm, EscalateForm, SeniorForm, TranslatorForm, arrangement_of
from tickets.incident_forms import BelongsForm
from tickets.selectors.visibility import request_of
from tickets.services import escalation, translators
from tickets.services.incident_links import link_incident
from tickets.views.acts import ActView
from tickets.views.hanging import open_incidents_and


class EscalateView(ActView):
    """The customer escalates."""

    name, form_class, prefix = "escalate", EscalateForm, "escalate"
    done = _("Those who can help have been told: whoever has the request, the team lead and the duty manager.")

    def act(self, number: str, data: dict[str, Any]) -> None:
        """Escalate."""
        escalation.escalate_request(number=number, actor=self.actor, **data)


class SeniorView(ActView):
    """An engineer offers the request to senior engineers."""

    name, form_class, prefix = "senior", SeniorForm, "senior"
    done = _("The senior engineers have been told. You keep the request until one of them takes it.")

    def act(self, number: str, data: dict[str, Any]) -> None:
        """Offer it."""
        escalation.escalate_to_senior(number=number, actor=self.actor, **data)


class AskTranslatorView(ActView):
    """Either side asks for a translator (LA-2)."""

    name, form_class, prefix = "translator", TranslatorForm, "translator"
    done = _("A translator is asked for. The request shows who joins and when as soon as it is arranged.")

    def act(self, number: str, data: dict[str, Any]) -> None:
        """Ask."""
        translators.ask_translator(number=number, actor=self.actor, **data)


class BelongsView(ActView):
    """Staff say which known incident a request belongs to."""

    name, done = "incident", _("Kept. The response time of the request runs on.")

    def form(self) -> forms.Form:
        """The form, with what is open to choose from."""
        known = open_incidents_and(request_of(self.actor, self.kwargs["number"]), self.actor, now=self.now)
        return BelongsForm(self.request.POST, incidents=known)

    def act(self, number: str, data: dict[str, Any]) -> None:
        """Link or unlink it."""
        link_incident(number=number, incident_number=data["incident"] or None, actor=self.actor)


class ArrangeTranslatorView(ActView):
    """Staff say who joins and when."""

    name, prefix = "arrange", "arrange"
    done = _("The translator is arranged; the customer has been told.")

    def form(self) -> forms.Form:
        """The form, read on the clock of the one who writes."""
        return ArrangeForm(self.request.POST, prefix=self.prefix, zone=self.zone)

    def act(self, number: str, data: dict[str, Any]) -> None:
        """Arrange it."""
        translators.arrange_translator(number=number, actor=self.actor, arrangement=arrangement_of(data))


class FinishTranslatorView(ActView):
    """The translator joined."""

    name, done = "translator_done", _("Kept: the translator joined.")

    def act(self, number: str, data: dict[str, Any]) -> None:
        """Keep it."""
        translators.finish_translator(number=number, actor=self.actor)


class CancelTranslatorView(ActView):
    """The translator is called off."""

    name, done = "translator_cancel", _("The translator is called off.")

    def act(self, number: str, data: dict[str, Any]) -> None:
        """Call it off."""
        translators.cancel_translator(number=number, actor=self.actor)
