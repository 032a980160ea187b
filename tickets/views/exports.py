"""Exports as pages: asked for, watched while they are written, downloaded, cancelled, removed."""

from __future__ import annotations

from datetime import datetime
from typing import Any, ClassVar

from django.contrib import messages
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.http.response import HttpResponseBase
from django.urls import reverse
from django.utils.cache import patch_vary_headers
from django.utils.translation import gettext as _

from accounts import clock
from accounts import selectors as accounts
from accounts.errors import OrganisationNotFound, TooMany
from accounts.keyset import Page, page_or_first
from accounts.permissions import require
from tickets import wording
from tickets.errors import ExportOver, ExportRoomFull, IncidentNotFound
from tickets.export_files import file_of, part_wanted
from tickets.export_form import ExportForm, StaffExportForm
from tickets.models import UNDER_WAY, Export
from tickets.selectors import exports as selectors
from tickets.services import exports as services
from tickets.views.base import RequestsView, reading_language, refusal
from tickets.views.lists import is_part

LOOKS = {
    "queued": ("neutral", "clock"),
    "running": ("info", "circle-play"),
    "ready": ("success", "circle-check"),
    "failed": ("danger", "circle-x"),
    "cancelled": ("neutral", "circle-x"),
    "expired": ("neutral", "circle-minus"),
}


class _ExportsPage(RequestsView):
    """What the pages of both sides share; each is for one side only."""

    for_staff: ClassVar[bool] = False
    form_class: ClassVar[type[ExportForm]] = ExportForm
    names: ClassVar[dict[str, str]] = {
        "list": "tickets:exports",
        "file": "tickets:export_file",
        "cancel": "tickets:cancel_export",
        "remove": "tickets:remove_export",
    }

    def dispatch(self, request: HttpRequest, *args: Any, **kwargs: Any) -> Any:
        """Let in whoever may, on their own side."""
        if request.user.is_authenticated:
            require(self.actor, selectors.ACT)
            if self.actor.is_staff != self.for_staff:
                raise OrganisationNotFound
        return super().dispatch(request, *args, **kwargs)

    def back(self) -> HttpResponse:
        """To the list."""
        return HttpResponseRedirect(reverse(self.names["list"]), status=303)


class ExportsView(_ExportsPage):
    """The exports that somebody asked for, and the form that asks for another one."""

    def get(self, request: HttpRequest) -> HttpResponse:
        """Draw the page; htmx gets the list alone."""
        if is_part(request):
            response = self.render("tickets/exports/_list.html", self._listed())
        else:
            response = self.draw(self.form_class(zone=self.zone, initial={"byte_order_mark": True}))
        patch_vary_headers(response, ["HX-Request"])
        return response

    def post(self, request: HttpRequest) -> HttpResponse:
        """Ask for an export, or show the form again as it was typed."""
        form = self.form_class(request.POST, zone=self.zone)
        if not form.is_valid():
            return self.draw(form, status=400)
        try:
            services.ask_for_export(wish=form.wish(language=reading_language()), actor=self.actor)
        except (OrganisationNotFound, IncidentNotFound) as error:
            form.add_error("incident" if isinstance(error, IncidentNotFound) else "organisation", refusal(error).detail)
            return self.draw(form, status=refusal(error).status)
        except (TooMany, ExportRoomFull) as error:
            form.add_error(None, refusal(error).detail)
            return self.draw(form, status=refusal(error).status)
        messages.success(request, _("The export is on its way. You hear when it is ready, and it shows below."))
        return self.back()

    def draw(self, form: ExportForm, *, status: int = 200) -> HttpResponse:
        """The page with this form."""
        context = {**self._listed(), "form": form, "layout": "base.html", "for_staff": self.for_staff}
        if not self.for_staff:
            context["organisation"] = accounts.organisation_of(self.actor)
            context["layout"] = "accounts/organisation/base.html"
        return self.render("tickets/exports/page.html", context, status=status)

    def _listed(self) -> dict[str, Any]:
        found, now = self._page(), clock.now()
        here = reverse(self.names["list"])
        cursor = self.request.GET.get("cursor", "")
        return {
            "exports": [self._shown(export, now) for export in found.rows],
            "under_way": any(export.state in UNDER_WAY for export in found.rows),
            "next": found.next,
            "previous": found.previous,
            "here": here,
            "cursor": cursor,
        }

    def _page(self) -> Page[Export]:
        rows = selectors.visible_exports(self.actor)
        return page_or_first(rows, order=("-id",), cursor=self.request.GET.get("cursor"), size=10)

    def _shown(self, export: Export, now: datetime) -> dict[str, Any]:
        state, percent = selectors.state_at(export, now), selectors.percent_of(export)
        tone, icon = LOOKS[state]
        return {
            "row": export,
            "kind": wording.EXPORT_KINDS[export.kind],
            "state": state.value,
            "label": wording.EXPORT_STATES[state],
            "why": wording.EXPORT_FAILURES.get(export.failure, ""),
            "tone": tone,
            "icon": icon,
            "percent": percent,
            "share": f"{percent} %",
            "urls": {name: reverse(view, args=[export.pk]) for name, view in self.names.items() if name != "list"},
        }


class ExportFileView(_ExportsPage):
    """The file of an export."""

    def get(self, request: HttpRequest, export_id: int) -> HttpResponseBase:
        """Hand it out, whole or the part that is asked for; that is on record (P-6, P-10)."""
        export = services.readable_export(export_id=export_id, actor=self.actor, now=clock.now())
        headers = request.headers
        part = part_wanted(export, range_header=headers.get("Range", ""), if_range=headers.get("If-Range", ""))
        if request.method == "GET":
            services.record_download(export_id=export_id, actor=self.actor, begins_at=part.first if part else 0)
        return file_of(export, part)


class CancelExportView(_ExportsPage):
    """The end of an export that is under way."""

    def post(self, request: HttpRequest, export_id: int) -> HttpResponse:
        """Cancel it; one that was faster stays."""
        try:
            services.cancel_export(export_id=export_id, actor=self.actor)
        except ExportOver as error:
            messages.info(request, refusal(error).detail)
        else:
            messages.success(request, _("The export is cancelled."))
        return self.back()


class RemoveExportView(_ExportsPage):
    """The removal of an export."""

    def post(self, request: HttpRequest, export_id: int) -> HttpResponse:
        """Remove it with its file."""
        services.remove_export(export_id=export_id, actor=self.actor)
        messages.success(request, _("The export is removed."))
        return self.back()


STAFF: dict[str, Any] = {
    "for_staff": True,
    "form_class": StaffExportForm,
    "names": {
        "list": "tickets:staff_exports",
        "file": "tickets:staff_export_file",
        "cancel": "tickets:cancel_staff_export",
        "remove": "tickets:remove_staff_export",
    },
}
