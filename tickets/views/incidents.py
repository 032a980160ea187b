"""Pages of incidents: what is known, for customers and the desk; and what the desk declares, says and links."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from html import unescape
from http import HTTPStatus
from typing import Any, ClassVar

from django import forms
from django.contrib import messages
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.urls import reverse
from django.utils.html import strip_tags
from django.utils.text import Truncator
from django.utils.translation import gettext as _now
from django.utils.translation import gettext_lazy as _
from django.utils.translation import ngettext

from accounts import idempotency, permissions
from accounts.errors import KeyReused
from accounts.keyset import page_or_first
from accounts.labels import country_name
from accounts.rich_text import render
from accounts.views.versions import changed_meanwhile, version_in
from tickets import wording
from tickets.api.bulk import Act, in_bulk
from tickets.errors import IllegalIncidentAct, IncidentNotFound, InvalidIncident, InvalidText, VersionMismatch
from tickets.incident_forms import (
    CloseLinkedForm,
    DeclareForm,
    IncidentNoteForm,
    LinkForm,
    UnlinkForm,
    UpdateForm,
    change_form,
)
from tickets.models import Incident, IncidentUpdate
from tickets.models.incidents import OPEN_INCIDENTS
from tickets.selectors import incidents as selectors
from tickets.selectors.catalogue import service_names
from tickets.services import incidents as services
from tickets.services.closing import Ending, close_request
from tickets.services.incident_links import link_incident
from tickets.views.base import RequestsView, refusal

IMPACTS = {
    "outage": ("danger", "octagon-alert"),
    "degradation": ("warning", "triangle-alert"),
    "advisory": ("info", "info"),
}
STATES = {
    "investigating": ("danger", "search"),
    "identified": ("warning", "target"),
    "monitoring": ("info", "activity"),
    "resolved": ("success", "circle-check"),
}
CANDIDATES_SHOWN, REFUSALS_TOLD = 50, 5
EXCERPT = 300  # characters


def shown(incident: Incident, names: dict[str, str]) -> dict[str, Any]:
    """An incident in words."""
    tone, icon = STATES[incident.state]
    impact_tone, impact_icon = IMPACTS[incident.impact]
    return {
        "row": incident,
        "state": wording.words(wording.INCIDENT_STATES, incident.state),
        "tone": tone,
        "icon": icon,
        "impact": wording.words(wording.INCIDENT_IMPACTS, incident.impact),
        "impact_tone": impact_tone,
        "impact_icon": impact_icon,
        "services": [names.get(code, code) for code in incident.services],
        "countries": [country_name(code) for code in incident.countries],
        "is_open": incident.state in OPEN_INCIDENTS,
    }


def banner_of(incidents: Iterable[Incident]) -> list[dict[str, Any]]:
    """Known incidents as banners show them; names cost a query only where there is one."""
    rows = list(incidents)
    names = dict(service_names()) if rows else {}
    return [{**shown(row, names), "excerpt": _excerpt(row)} for row in rows]


def _excerpt(incident: Incident) -> str:
    """The beginning of its last public update as plain text; `with_last_words` has read it."""
    words: str = getattr(incident, "last_words", None) or ""
    return Truncator(unescape(strip_tags(render(words))).strip()).chars(EXCERPT)


class IncidentsView(RequestsView):
    """The incidents that concern the organisation; for support staff all of them."""

    def get(self, request: HttpRequest) -> HttpResponse:
        """Draw one page of the list, newest first."""
        permissions.require(self.actor, "read_incidents")
        is_over = request.GET.get("over") == "1"
        visible = selectors.visible_incidents(self.actor, now=self.now)
        rows = selectors.with_last_words(selectors.narrowed(visible, is_open=not is_over))
        found = page_or_first(rows, order=("-id",), cursor=request.GET.get("cursor"))
        here = reverse("tickets:incidents")
        context = {
            "incidents": banner_of(found.rows),
            "next": found.next,
            "previous": found.previous,
            "is_over": is_over,
            "may_declare": permissions.may(self.actor, "declare_incident"),
            "now": self.now,
            "views": [
                {"url": here, "label": _("Going on"), "current": not is_over},
                {"url": f"{here}?over=1", "label": _("Resolved"), "current": is_over},
            ],
        }
        return self.render("tickets/incidents/list.html", context)


class DeclareView(RequestsView):
    """A new incident."""

    def get(self, request: HttpRequest) -> HttpResponse:
        """Draw the form."""
        return self._draw(DeclareForm(zone=self.zone, initial={"key": idempotency.new_key()}))

    def post(self, request: HttpRequest) -> HttpResponse:
        """Declare it, once however often the form is sent, or show the form again with what was typed."""
        permissions.require(self.actor, "declare_incident")
        form = DeclareForm(request.POST, zone=self.zone)
        if form.is_valid():
            try:
                number = self._declare(form)
            except KeyReused:
                return self._draw(self._for_another(), status=HTTPStatus.CONFLICT)
            except (InvalidIncident, InvalidText) as error:
                form.add_error(error.field, refusal(error).detail)
            else:
                messages.success(request, _("The incident is declared. Customers whom it concerns see it at once."))
                return HttpResponseRedirect(reverse("tickets:incident", args=[number]))
        return self._draw(form, status=HTTPStatus.BAD_REQUEST)

    def _declare(self, form: DeclareForm) -> str:
        """Declare it and return its number; the second of two clicks gets that of the first (P-2)."""
        declaration = form.declaration()
        return idempotency.once(
            person_id=self.person.pk,
            organisation_id=self.actor.organisation_id,
            key=idempotency.usable_key(form.cleaned_data["key"]),
            fingerprint=f"{self.request.path} {declaration}",
            work=lambda: services.declare_incident(declaration=declaration, actor=self.actor).number,
        ).result

    def _for_another(self) -> DeclareForm:
        """The same form with a new key, for whoever came back to it and now means another incident."""
        data = self.request.POST.copy()
        data["key"] = idempotency.new_key()
        fresh = DeclareForm(data, zone=self.zone)
        fresh.add_error(None, _now("This form was sent already. If you mean another incident, declare it again."))
        return fresh

    def _draw(self, form: DeclareForm, *, status: int = HTTPStatus.OK) -> HttpResponse:
        permissions.require(self.actor, "declare_incident")
        return self.render("tickets/incidents/declare.html", {"form": form}, status=status)


class IncidentView(RequestsView):
    """One incident, with everything that was said about it."""

    def get(self, request: HttpRequest, number: str) -> HttpResponse:
        """Draw the page."""
        return self.draw(number)

    def draw(self, number: str, bound: dict[str, forms.Form] | None = None, *, status: int = 200) -> HttpResponse:
        """The page, with a form that needs another look if there is one."""
        incident = selectors.incident_of(self.actor, number, now=self.now)
        updates = selectors.updates_of(self.actor, incident).order_by("-id")
        linked = page_or_first(
            selectors.linked_requests(self.actor, incident),
            order=("-id",),
            cursor=self.request.GET.get("cursor"),
            size=CANDIDATES_SHOWN,
        )
        context = {
            "incident": incident,
            "shown": shown(incident, dict(service_names())),
            "updates": [_said(row) for row in updates],
            "linked": linked.rows,
            "next": linked.next,
            "previous": linked.previous,
            "candidates": self._candidates(incident),
            "forms": {**self._forms(incident), **(bound or {})},
            "action": reverse("tickets:incident", args=[number]),
            "may_queue": permissions.may(self.actor, "read_queue"),
            "now": self.now,
        }
        if permissions.may(self.actor, "follow_incident"):
            context["follows"] = selectors.follows(self.actor, incident)
        return self.render("tickets/incidents/detail.html", context, status=status)

    def _candidates(self, incident: Incident) -> list[Any]:
        """What may belong to it, for engineers, as long as it goes on."""
        if incident.state not in OPEN_INCIDENTS or not permissions.may(self.actor, "link_incident"):
            return []
        return list(selectors.candidates(self.actor, incident)[:CANDIDATES_SHOWN])

    def _forms(self, incident: Incident) -> dict[str, forms.Form]:
        """What this person may do now."""
        found: dict[str, forms.Form] = {}
        if permissions.may(self.actor, "declare_incident"):
            found["update"] = UpdateForm(state=incident.state, zone=self.zone)
            found["note"] = IncidentNoteForm(initial={"key": idempotency.new_key()})
            found["change"] = change_form(incident, self.zone)
        if permissions.may(self.actor, "link_incident"):
            found["link"] = LinkForm()
            found["close"] = CloseLinkedForm()
        return found


class IncidentActView(IncidentView):
    """One act on an incident: check the form, call one service, come back."""

    def get(self, request: HttpRequest, number: str, act: str = "") -> HttpResponse:
        """Lead to the incident: this address takes forms only."""
        return HttpResponseRedirect(reverse("tickets:incident", args=[number]))

    def post(self, request: HttpRequest, number: str, act: str) -> HttpResponse:
        """Do it, or show the page again with the form as it was."""
        incident = selectors.incident_of(self.actor, number, now=self.now)
        if act not in self.ACTS:
            raise IncidentNotFound(number)
        form = self._form(act, incident)
        status: int = HTTPStatus.BAD_REQUEST
        if form.is_valid():
            try:
                self.ACTS[act](self, incident, form)
            except KeyReused:
                form, status = self._for_another(form), HTTPStatus.CONFLICT
            except VersionMismatch as error:
                form.add_error(None, changed_meanwhile(error))
                status = HTTPStatus.PRECONDITION_FAILED
            except (IllegalIncidentAct, InvalidIncident, InvalidText) as error:
                form.add_error(getattr(error, "field", None), refusal(error).detail)
                status = refusal(error).status
        if not form.is_valid():
            return self.draw(number, {self.SHOWN_AS.get(act, act): form}, status=status)
        return HttpResponseRedirect(reverse("tickets:incident", args=[number]))

    def _form(self, act: str, incident: Incident) -> Any:
        data = self.request.POST
        made: dict[str, Callable[[], forms.Form]] = {
            "update": lambda: UpdateForm(data, state=incident.state, zone=self.zone),
            "note": lambda: IncidentNoteForm(data),
            "change": lambda: change_form(incident, self.zone, data),
            "link": lambda: LinkForm(data),
            "unlink": lambda: UnlinkForm(data),
            "close": lambda: CloseLinkedForm(data),
        }
        return made.get(act, lambda: forms.Form(data))()

    def _for_another(self, form: Any) -> forms.Form:
        """The same form with a new key, for whoever came back to it and now means another note."""
        data = self.request.POST.copy()
        data[form.add_prefix("key")] = idempotency.new_key()
        fresh: forms.Form = type(form)(data)
        fresh.add_error(None, _now("This form was sent already. If you mean another note, send it again."))
        return fresh

    def _update(self, incident: Incident, form: Any) -> None:
        version = version_in(self.request)
        services.update_incident(number=incident.number, actor=self.actor, version=version, **form.cleaned_data)
        messages.success(self.request, _("The update is out: followers and the contacts of linked requests are told."))

    def _note(self, incident: Incident, form: Any) -> None:
        body = form.cleaned_data["body"]
        idempotency.once(
            person_id=self.person.pk,
            organisation_id=self.actor.organisation_id,
            key=idempotency.usable_key(form.cleaned_data["key"]),
            fingerprint=f"{self.request.path} {body}",
            work=lambda: str(services.note_on_incident(number=incident.number, actor=self.actor, body=body).pk),
        )
        messages.success(self.request, _("The note is kept. Customers do not see it."))

    def _change(self, incident: Incident, form: Any) -> None:
        version = version_in(self.request)
        services.change_incident(number=incident.number, changes=form.changes(), actor=self.actor, version=version)
        messages.success(self.request, _("The incident is changed."))

    def _follow(self, incident: Incident, _form: Any) -> None:
        services.follow_incident(number=incident.number, following=True, actor=self.actor)
        messages.success(self.request, _("You are told of every update."))

    def _unfollow(self, incident: Incident, _form: Any) -> None:
        services.follow_incident(number=incident.number, following=False, actor=self.actor)
        messages.success(self.request, _("You are told of no further update."))

    def _link(self, incident: Incident, form: Any) -> None:
        self._one_by_one(form.cleaned_data["numbers"], lambda number: self._linked(number, incident.number))

    def _unlink(self, incident: Incident, form: Any) -> None:
        self._one_by_one(self._belonging(incident, form), lambda number: self._linked(number, None))

    def _linked(self, number: str, incident: str | None) -> Any:
        return link_incident(number=number, incident_number=incident, actor=self.actor)

    def _close(self, incident: Incident, form: Any) -> None:
        ending = Ending(form.cleaned_data["resolution"], form.cleaned_data["message"])
        belonging = self._belonging(incident, form)
        self._one_by_one(belonging, lambda number: close_request(number=number, actor=self.actor, ending=ending))

    def _belonging(self, incident: Incident, form: Any) -> list[str]:
        """Those chosen that still belong to it; of the others it says that a colleague has taken them away."""
        chosen = form.cleaned_data["numbers"]
        rows = selectors.linked_requests(self.actor, incident).filter(number__in=chosen)
        theirs = set(rows.values_list("number", flat=True))
        words = _now("%(number)s does not belong to this incident any more.")
        self._warn([words % {"number": number} for number in chosen if number not in theirs])
        return [number for number in chosen if number in theirs]

    def _one_by_one(self, numbers: list[str], act: Act) -> None:
        """Do it to each request by itself, and say what became of them."""
        permissions.require(self.actor, "link_incident")
        results = in_bulk(act, numbers, actor=self.actor, call=None)
        refused = [f"{result.number} · {result.detail}" for result in results if result.code]
        done = len(results) - len(refused)
        if done:
            words = ngettext("Done for %(count)s request.", "Done for %(count)s requests.", done)
            messages.success(self.request, words % {"count": done})
        self._warn(refused)

    def _warn(self, refusals: list[str]) -> None:
        """Tell the first few, and how many more there are."""
        for words in refusals[:REFUSALS_TOLD]:
            messages.warning(self.request, words)
        if len(refusals) > REFUSALS_TOLD:
            more = len(refusals) - REFUSALS_TOLD
            messages.warning(self.request, _now("%(count)s more could not be done either.") % {"count": more})

    SHOWN_AS: ClassVar[dict[str, str]] = {"unlink": "close"}
    ACTS: ClassVar[dict[str, Callable[[IncidentActView, Incident, Any], None]]] = {
        "update": _update,
        "note": _note,
        "change": _change,
        "follow": _follow,
        "unfollow": _unfollow,
        "link": _link,
        "unlink": _unlink,
        "close": _close,
    }


def _said(row: IncidentUpdate) -> dict[str, Any]:
    tone, icon = STATES[row.state]
    return {
        "row": row,
        "state": wording.words(wording.INCIDENT_STATES, row.state),
        "tone": tone,
        "icon": icon,
        "html": render(row.body),
    }
