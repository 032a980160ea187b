"""What people do to a request, each an ordinary form post that leads back to its page."""

from __future__ import annotations

import hashlib
from abc import abstractmethod
from collections.abc import Callable
from typing import Any, ClassVar

from django import forms
from django.contrib import messages
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.urls import reverse
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from accounts import idempotency
from accounts.errors import AccountsError
from tickets.errors import RequestNotFound, TicketsError
from tickets.forms import (
    AssignForm,
    ConfirmSeverityForm,
    ContactForm,
    CustomerCloseForm,
    MessageForm,
    NoteForm,
    ReopenForm,
    ReplyForm,
    StaffCloseForm,
)
from tickets.models import Message
from tickets.selectors.people import engineers_for
from tickets.selectors.visibility import request_of
from tickets.services import assignment, closing, conversation
from tickets.services.contact import ContactChanges, change_contact
from tickets.services.severity import change_severity
from tickets.views.base import RequestsView, refusal
from tickets.views.detail import request_page
from tickets.views.files import files_of_form


class ActView(RequestsView):
    """One act: check the form, call one service, come back. What cannot be done says why and keeps what was typed."""

    name: ClassVar[str]
    form_class: ClassVar[type[forms.Form]] = forms.Form
    prefix: ClassVar[str | None] = None
    done: ClassVar[Promise]
    fragment: ClassVar[str] = ""

    def get(self, request: HttpRequest, number: str) -> HttpResponse:
        """Lead to the request: this address takes forms only."""
        return HttpResponseRedirect(reverse("tickets:detail", args=[number]))

    def post(self, request: HttpRequest, number: str) -> HttpResponse:
        """Do the act, or show the page again with the form as it was."""
        form = self.form()
        if not form.is_valid():
            return request_page(self, number, bound={self.name: form}, status=400)
        try:
            self.act(number, form.cleaned_data)
        except RequestNotFound:
            raise
        except (TicketsError, AccountsError) as error:
            words = refusal(error)
            form.add_error(None, words.detail)
            return request_page(self, number, bound={self.name: form}, status=words.status)
        messages.success(request, str(self.done))
        return HttpResponseRedirect(reverse("tickets:detail", args=[number]) + self.fragment)

    def form(self) -> forms.Form:
        """The form as it was sent."""
        return self.form_class(self.request.POST, self.request.FILES, prefix=self.prefix)

    @abstractmethod
    def act(self, number: str, data: dict[str, Any]) -> None:
        """Call the service."""

    def say_once(self, number: str, data: dict[str, Any], say: Callable[[], Message]) -> None:
        """Write a message once per form, however often it is sent, together with its files (P-2)."""
        organisation_id = request_of(self.actor, number).organisation_id
        with files_of_form(self, data["attachments"], organisation_id=organisation_id) as files:

            def work() -> str:
                message = say()
                files.attach(message)
                return str(message.pk)

            spoken = "\n".join([self.request.path, str(data.get("kind", "")), data["body"]])
            idempotency.once(
                person_id=self.person.pk,
                organisation_id=self.actor.organisation_id,
                key=data["key"],
                fingerprint=hashlib.sha256(spoken.encode()).hexdigest(),
                work=work,
            )
            files.tell()


class MessageView(ActView):
    """The customer writes."""

    name, form_class = "message", MessageForm
    done, fragment = _("Your message was sent."), "#conversation-end"

    def act(self, number: str, data: dict[str, Any]) -> None:
        """Add the message."""
        say = conversation.add_customer_message
        self.say_once(number, data, lambda: say(number=number, actor=self.actor, body=data["body"]))


class ReplyView(ActView):
    """An engineer answers, asks, or notes a call."""

    name, form_class = "reply", ReplyForm
    done, fragment = _("The customer has been told."), "#conversation-end"
    WAYS: ClassVar[dict[str, Callable[..., Message]]] = {
        "reply": conversation.reply_publicly,
        "question": conversation.ask_customer,
        "call": conversation.log_call,
    }

    def act(self, number: str, data: dict[str, Any]) -> None:
        """Say it."""
        say = self.WAYS[data["kind"]]
        self.say_once(number, data, lambda: say(number=number, actor=self.actor, body=data["body"]))


class NoteView(ActView):
    """Staff note something for themselves."""

    name, form_class, prefix = "note", NoteForm, "note"
    done, fragment = _("The internal note was added. The customer does not see it."), "#conversation-end"

    def act(self, number: str, data: dict[str, Any]) -> None:
        """Add the note."""
        self.say_once(
            number, data, lambda: conversation.add_internal_note(number=number, actor=self.actor, body=data["body"])
        )


class SeverityView(ActView):
    """Another severity, or the proposed one confirmed (SE-5)."""

    name, form_class, prefix = "severity", ConfirmSeverityForm, "severity"
    done = _("The severity is set.")

    def act(self, number: str, data: dict[str, Any]) -> None:
        """Set it."""
        change_severity(number=number, actor=self.actor, severity=data["severity"], reason=data["reason"])


class ContactView(ActView):
    """How to reach the admin (CH-3, LA-2)."""

    name, form_class, prefix = "contact", ContactForm, "contact"
    done = _("The contact details are changed.")

    def act(self, number: str, data: dict[str, Any]) -> None:
        """Change them."""
        changes = ContactChanges(method=data["method"], phone=data["phone"], translator=data["translator"])
        change_contact(number=number, actor=self.actor, changes=changes)


class TakeView(ActView):
    """An engineer takes the request."""

    name, done = "take", _("The request is yours.")

    def act(self, number: str, data: dict[str, Any]) -> None:
        """Take it."""
        assignment.take_request(number=number, actor=self.actor)


class AssignView(ActView):
    """The request is given to somebody."""

    name, done = "assign", _("The request is assigned.")

    def form(self) -> forms.Form:
        """The form with those who may have the request, for the page that comes back after a refusal."""
        service_request = request_of(self.actor, self.kwargs["number"])
        return AssignForm(self.request.POST, people=engineers_for(service_request, now=self.now))

    def act(self, number: str, data: dict[str, Any]) -> None:
        """Assign it."""
        assignment.assign_request(number=number, actor=self.actor, assignee_id=data["assignee"])


class ReleaseView(ActView):
    """The request is put back for anybody to take."""

    name, done = "release", _("The request is free for anybody to take.")

    def act(self, number: str, data: dict[str, Any]) -> None:
        """Release it."""
        assignment.release_request(number=number, actor=self.actor)


class CloseView(ActView):
    """The request is closed, by an engineer or by its admins."""

    name, prefix, done = "close", "close", _("The request is closed.")

    def form(self) -> forms.Form:
        """Engineers are asked for more than admins."""
        form_class = StaffCloseForm if self.actor.is_staff else CustomerCloseForm
        return form_class(self.request.POST, prefix=self.prefix)

    def act(self, number: str, data: dict[str, Any]) -> None:
        """Close it."""
        ending = closing.Ending(
            resolution=data["resolution"],
            message=data["message"],
            referral=data.get("referral", ""),
            duplicate_of=data.get("duplicate_of", "").upper(),
        )
        closing.close_request(number=number, actor=self.actor, ending=ending)


class ReopenView(ActView):
    """The request goes back to work (CH-4)."""

    name, form_class, prefix = "reopen", ReopenForm, "reopen"
    done = _("The request is open again; a new response time runs.")

    def act(self, number: str, data: dict[str, Any]) -> None:
        """Reopen it."""
        closing.reopen_request(number=number, actor=self.actor, reason=data["reason"])
