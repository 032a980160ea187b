"""Filing a request: the form, its preview, and the filing itself (CH-3, SE-1, SC-6)."""

from __future__ import annotations

import re
from datetime import datetime
from functools import cached_property
from http import HTTPStatus
from typing import Any

from django.contrib import messages
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect, QueryDict
from django.urls import reverse
from django.utils.cache import patch_vary_headers
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from accounts import edges, idempotency
from accounts import selectors as accounts
from accounts.errors import AccountsError, KeyReused
from accounts.models import Organisation
from accounts.permissions import require
from sla import wording as promises
from sla.commitments import Cell
from tickets.errors import RequestNotFound, TicketsError
from tickets.filing_form import NewRequestForm
from tickets.forms import SUBJECT_LIMIT
from tickets.lifecycle import State, state_at
from tickets.models import ServiceRequest
from tickets.selectors.incidents import known_incidents
from tickets.selectors.offers import Offer
from tickets.selectors.visibility import request_of, visible_messages
from tickets.services.filing import file_request
from tickets.views.base import RequestsView, refusal
from tickets.views.files import files_of_form
from tickets.views.incidents import banner_of
from tickets.views.lists import is_part
from tickets.views.previewing import Reader, language_line, preview_of, says_nothing

NUMBER = re.compile(r"SR-[0-9]{9}", re.ASCII)
PLACES = {  # in the API; here they are flat
    "contact/phone": "contact_phone",
    "contact/method": "contact_method",
    "contact/callback_at": "callback_at",
}
OWN_WORDS = {"topic": gettext_lazy("Choose a topic of the kind of help and of the service above, or none.")}
OUT_OF_REACH = ("category", "severity")  # refused for the contract's sake: the whole refusal says more than its fault
# A due instant as the message after filing says it: "by the end of" a day that ends then, else "by" the instant.
SPOKEN = Cell.parse(availability="always", target="day+1")


class FilingView(RequestsView):
    """What the form and its preview share."""

    @cached_property
    def offer(self) -> Offer:
        """What this person may file about."""
        return Offer(self.actor, now=self.now)

    @cached_property
    def organisation(self) -> Organisation:
        """The organisation that the request is for."""
        own = self.person.organisation
        return own if own and own.pk == self.actor.organisation_id else accounts.organisation_of(self.actor)

    @property
    def reader(self) -> Reader:
        """For whom the preview is drawn."""
        return Reader(person=self.person, organisation=self.organisation, zone=self.zone, now=self.now)

    def form(self, data: QueryDict | None = None, **options: Any) -> NewRequestForm:
        """The form, with what was sent or fresh."""
        return NewRequestForm(data, offer=self.offer, zone=self.zone, now=self.now, **options)

    def page(
        self, form: NewRequestForm, *, preview: dict[str, Any], status: int = HTTPStatus.OK, **more: Any
    ) -> HttpResponse:
        """The whole page around a form."""
        context = {
            "form": form.draw(),
            "preview": preview,
            "sets_severity": self.offer.sets_severity,
            "subscriptions": self.offer.subscriptions,
            "breadcrumbs": [{"label": _("Requests"), "url": reverse("tickets:list")}, {"label": _("New request")}],
            **more,
        }
        return self.render("tickets/new.html", context, status=status)

    def preview(self, form: NewRequestForm) -> dict[str, Any]:
        """What the form, as far as it is filled in, would become; a hint while it says nothing."""
        form.is_valid()
        filing = form.filing()
        if says_nothing(filing):
            return self.hint(filing.contact.language, service=filing.service)
        try:
            preview = preview_of(filing, self.offer, self.reader)
        except (TicketsError, AccountsError) as error:
            return {"refused": refusal(error).detail}
        return self._with_incidents(preview, service=preview["service"])

    def hint(self, language: str = "", *, service: str = "") -> dict[str, Any]:
        """What stands in the place of the preview before there is anything to assess."""
        line = language_line(language or self.contact_language(), now=self.now)
        return self._with_incidents({"hint": True, "language": line}, service=service)

    def _with_incidents(self, preview: dict[str, Any], *, service: str) -> dict[str, Any]:
        """The same with what is known to go on, of the chosen service or of all; told to people who hear the page."""
        known = banner_of(known_incidents(self.actor, now=self.now, service=service))
        if known and "announcement" in preview:
            preview["announcement"] += " " + _("A known incident may be the cause.")
            preview["announced_as"] += " ".join(card["row"].number for card in known)
        return {**preview, "incidents": known}

    def contact_language(self) -> str:
        """The person's language as our data has it."""
        return "zh-Hant" if self.person.language.lower() == "zh-hant" else self.person.language

    def original(self, number: str) -> ServiceRequest:
        """The request that a new one is to follow up, through the gate (CH-4, P-5)."""
        if not NUMBER.fullmatch(number):
            raise RequestNotFound(number)
        return request_of(self.actor, number)

    def followed(self, number: str) -> ServiceRequest | None:
        """The same for a form that comes back; nothing where there is none."""
        try:
            return self.original(number) if number else None
        except RequestNotFound:
            return None


class NewRequestView(FilingView):
    """The form to file a request; a POST files it."""

    def get(self, request: HttpRequest) -> HttpResponse:
        """Draw the form, with what is known filled in."""
        require(self.actor, "file_request")
        number = request.GET.get("follow_up_of", "")
        if not number:
            return self.page(self.form(initial=self._initial()), preview=self.hint(), fresh=True)
        original = self.original(number)
        require(self.actor, "file_follow_up", on=original)
        if state_at(original.state, closed_at=original.closed_at, now=self.now) != State.ARCHIVED:
            messages.info(request, _("This request is not archived. Write on it, or reopen it, instead."))
            return HttpResponseRedirect(reverse("tickets:detail", args=[number]))
        form = self.form(initial=self._initial() | _taken_from(original))
        return self.page(form, preview=self.hint(), follow_up_of=original, fresh=True)

    def post(self, request: HttpRequest) -> HttpResponse:
        """File the request, once however often the form is sent; what is wrong comes back with all that was typed."""
        require(self.actor, "file_request")
        form = self.form(request.POST, files=request.FILES)
        if not form.is_valid():
            return self._again(form, status=HTTPStatus.BAD_REQUEST)
        try:
            number = self._file(form)
        except KeyReused:
            return self._again(self._for_another(), status=HTTPStatus.CONFLICT)
        except (TicketsError, AccountsError) as error:
            words = refusal(error)
            _tell(form, words)
            return self._again(form, status=words.status)
        return HttpResponseRedirect(reverse("tickets:detail", args=[number]))

    def _initial(self) -> dict[str, Any]:
        """What the portal knows before anybody types."""
        person, wanted = self.person, self.request.GET.get("category", "")
        categories, subscriptions = self.offer.categories, self.offer.subscriptions
        only_category = categories[0] if len(categories) == 1 else ""
        return {
            "key": idempotency.new_key(),
            "category": wanted if wanted in categories else only_category,
            "subscription": subscriptions[0].reference if len(subscriptions) == 1 else "",
            "contact_method": "email",
            "contact_language": self.contact_language(),
            "contact_phone": person.phone or self.organisation.phone,
            "contact_timezone": person.timezone,
        }

    def _file(self, form: NewRequestForm) -> str:
        """File the request with its files and return its number; the second of two clicks gets that of the first (P-2).

        A file that is refused is named, and the request stands all the same.
        """
        filed: list[ServiceRequest] = []
        uploads = form.cleaned_data["attachments"]
        with files_of_form(self, uploads, organisation_id=self.organisation.pk) as files:

            def work() -> str:
                filed.append(file_request(actor=self.actor, filing=form.filing()))
                first = visible_messages(self.actor, filed[-1]).first() if uploads else None
                if first:
                    files.attach(first)
                return filed[-1].number  # the last: a transaction may be tried again

            done = idempotency.once(
                person_id=self.person.pk,
                organisation_id=self.actor.organisation_id,
                key=idempotency.usable_key(form.cleaned_data["key"]),
                fingerprint=edges.fingerprint_of(self.request),
                work=work,
            )
            service_request = request_of(self.actor, done.result) if done.replayed else filed[-1]
            messages.success(self.request, _filed_message(service_request, zone=self.zone, now=self.now))
            files.tell()
        return done.result

    def _for_another(self) -> NewRequestForm:
        """The same form with a new key, for whoever came back to it after filing and now means another request."""
        data = self.request.POST.copy()
        data["key"] = idempotency.new_key()
        fresh = self.form(data)
        fresh.add_error(None, _("This form was filed already. If you mean another request, file it again."))
        return fresh

    def _again(self, form: NewRequestForm, *, status: int) -> HttpResponse:
        """The page with what is wrong; a browser gives files once, so they must be chosen again."""
        preview = self.preview(form)
        if self.request.FILES:
            form.add_error("attachments", _("Choose the files again; they could not be kept."))
        followed = self.followed(str(form.data.get("follow_up_of", "")))
        return self.page(form, preview=preview, status=status, follow_up_of=followed)


class PreviewView(FilingView):
    """What the form would become; nothing is stored. htmx gets the preview alone, a plain form the page again."""

    def get(self, request: HttpRequest) -> HttpResponse:
        """Lead to the form: this address takes forms only."""
        return HttpResponseRedirect(reverse("tickets:new"))

    def post(self, request: HttpRequest) -> HttpResponse:
        """Draw the preview of a form, however little of it is filled in."""
        require(self.actor, "file_request")
        preview = self.preview(self.form(request.POST))
        if is_part(request):
            response = self.render("tickets/_preview.html", {"preview": preview, "zone": self.zone})
        else:
            typed = self.form(initial=request.POST.dict())
            followed = self.followed(request.POST.get("follow_up_of", ""))
            response = self.page(typed, preview=preview, follow_up_of=followed, files_lost=bool(request.FILES))
        patch_vary_headers(response, ["HX-Request"])
        return response


def _taken_from(original: ServiceRequest) -> dict[str, str]:
    """What a follow-up begins with (CH-4)."""
    return {
        "follow_up_of": original.number,
        "subject": (_("Follow-up: %(subject)s") % {"subject": original.subject})[:SUBJECT_LIMIT],
        "category": original.category,
        "service": original.service.code if original.service else "",
        "topic": original.topic.code if original.topic else "",
        "subscription": original.subscription.reference if original.subscription else "",
    }


def _tell(form: NewRequestForm, words: Any) -> None:
    """Put a refusal beside the fields that it names, or on top of the form."""
    named = [(_field_at(fault.place), fault.detail) for fault in words.errors]
    known = [(field, detail) for field, detail in named if field in form.fields]
    for field, detail in known:
        form.add_error(field, words.detail if field in OUT_OF_REACH else OWN_WORDS.get(field, detail))
    if not known:
        form.add_error(None, words.detail)


def _field_at(pointer: str) -> str:
    """The field of the form for a place in the API's body."""
    path = pointer.removeprefix("#/")
    return PLACES.get(path, path.removeprefix("impact/"))


def _filed_message(service_request: ServiceRequest, *, zone: str, now: datetime) -> str:
    """The number, and by when an engineer answers (SLA-6)."""
    number, due_at = service_request.number, service_request.due_at
    if due_at is None:
        return _("Request %(number)s is filed. There is no committed response time; we answer as soon as we can.") % {
            "number": number
        }
    due = promises.due_text(cell=SPOKEN, due_at=due_at, timezone=zone, now=now)
    return _("Request %(number)s is filed. An engineer answers %(due)s.") % {"number": number, "due": due}
