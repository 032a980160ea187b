"""Disputing a severity and settling that, each an ordinary form post that leads back to the request (SE-5)."""

from __future__ import annotations

from typing import Any

from django.utils.translation import gettext_lazy as _

from tickets.dispute_forms import AgreeForm, DeclineForm, DisputeForm
from tickets.services import disputes
from tickets.views.acts import ActView


class DisputeView(ActView):
    """The customer thinks another severity right."""

    name, form_class, prefix = "dispute", DisputeForm, "dispute"
    done = _("An experienced engineer has been told and will look at the severity. You will hear what comes of it.")

    def act(self, number: str, data: dict[str, Any]) -> None:
        """Dispute it."""
        disputes.dispute_severity(number=number, actor=self.actor, **data)


class AgreeView(ActView):
    """Another severity counts from now on."""

    name, form_class, prefix = "agree", AgreeForm, "agree"
    done = _("The severity is changed; the customer has been told.")

    def act(self, number: str, data: dict[str, Any]) -> None:
        """Agree."""
        disputes.agree_to_dispute(number=number, actor=self.actor, **data)


class DeclineView(ActView):
    """The severity stays as it is."""

    name, form_class, prefix = "decline", DeclineForm, "decline"
    done = _("The severity stays as it is; the customer has been told why.")

    def act(self, number: str, data: dict[str, Any]) -> None:
        """Decline."""
        disputes.decline_dispute(number=number, actor=self.actor, **data)
