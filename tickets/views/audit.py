"""The audit trail as pages: for global admins their organisation's, for security staff everybody's (P-10)."""

from __future__ import annotations

from http import HTTPStatus
from pathlib import Path
from typing import Any, ClassVar
from urllib.parse import urlencode

from django.contrib import messages
from django.http import FileResponse, HttpRequest, HttpResponse, HttpResponseRedirect
from django.http.response import HttpResponseBase
from django.urls import reverse
from django.utils.cache import patch_vary_headers
from django.utils.translation import gettext as _

from accounts import selectors
from accounts.audit import verify_audit
from accounts.errors import OrganisationNotFound, TooMany
from accounts.keyset import Page, page_or_first
from accounts.models import DESK, Event
from accounts.permissions import may, require
from accounts.selectors import trail
from accounts.selectors.trail import Wanted
from accounts.services import heads
from accounts.services.sealing import NO_HEAD, heads_of
from tickets.audit_files import export
from tickets.audit_form import FORMATS, AuditForm, StaffAuditForm
from tickets.audit_lines import described
from tickets.errors import ExportNeedsOneChain
from tickets.views.base import RequestsView, refusal
from tickets.views.lists import is_part

ORDER = trail.ORDER


class _AuditPage(RequestsView):
    """What the pages of both sides share; each is for one side only."""

    here = "tickets:audit"
    for_staff = False
    form_class: ClassVar[type[AuditForm]] = AuditForm

    def dispatch(self, request: HttpRequest, *args: Any, **kwargs: Any) -> Any:
        """Let in whoever may read the trail, on their own side."""
        if request.user.is_authenticated:
            require(self.actor, "read_audit")
            if self.actor.is_staff != self.for_staff or self.actor.on_behalf_of_id is not None:
                raise OrganisationNotFound
        return super().dispatch(request, *args, **kwargs)

    def asked(self, data: Any) -> AuditForm:
        """The filters of a query or of a form."""
        form = self.form_class(data, zone=self.zone)
        form.is_valid()
        return form

    def chain(self, wanted: Wanted) -> int:
        """The chain whose head the page shows and mails: that of the organisation in view, else the desk's."""
        return trail.chain_wanted(self.actor, wanted) or DESK


class AuditView(_AuditPage):
    """The trail of the organisation, newest first."""

    template = "tickets/audit/organisation.html"

    def get(self, request: HttpRequest) -> HttpResponse:
        """Draw one page of it; htmx gets the list alone."""
        form = self.asked(request.GET)
        found, missing = self._found(form)
        context = {
            "form": form,
            "rows": described(self.actor, found.rows, timezone=self.zone),
            "next": found.next,
            "previous": found.previous,
            "no_organisation": missing,
            "here": reverse(self.here),
            "filters": [(name, value) for name, value in request.GET.items() if name in form.fields and value],
            "may_read_requests": may(self.actor, "read_request"),
            "now": self.now,
        }
        if is_part(request):
            response = self.render("tickets/audit/_list.html", context)
        else:
            response = self.render(self.template, {**context, **self._around(form.wanted)})
        patch_vary_headers(response, ["HX-Request"])
        return response

    def _found(self, form: AuditForm) -> tuple[Page[Event], bool]:
        """One page of what is asked for, and whether staff named an organisation that is none."""
        none: Page[Event] = Page(rows=[], next=None, previous=None)
        if form.errors:
            return none, False
        try:
            events = trail.trail(self.actor, form.wanted)
        except OrganisationNotFound:
            return none, True
        return page_or_first(events, order=ORDER, cursor=self.request.GET.get("cursor")), False

    def _around(self, wanted: Wanted) -> dict[str, Any]:
        try:
            chain = self.chain(wanted)
        except OrganisationNotFound:
            chain = DESK
        return {
            "organisation": None if self.for_staff else selectors.organisation_of(self.actor),
            "head": heads_of([chain]).get(chain, NO_HEAD),
            "chain": trail.name_of_chain(chain),
            "is_desk": chain == DESK,
            "subscribed": trail.subscribed_to_head(self.actor, chain),
            "export_url": reverse(f"tickets:{self.names['export']}"),
            "head_url": reverse(f"tickets:{self.names['head']}"),
            "verifier_url": reverse(f"tickets:{self.names['verifier']}"),
        }

    names: ClassVar[dict[str, str]] = {"export": "export_audit", "head": "audit_head", "verifier": "audit_verifier"}


class StaffAuditView(AuditView):
    """The trail of everybody, for security staff."""

    here, for_staff, form_class = "tickets:staff_audit", True, StaffAuditForm
    template = "tickets/audit/staff.html"
    names: ClassVar[dict[str, str]] = {
        "export": "export_staff_audit",
        "head": "staff_audit_head",
        "verifier": "staff_audit_verifier",
    }


class ExportView(_AuditPage):
    """The trail as a file."""

    def post(self, request: HttpRequest) -> HttpResponseBase:
        """Put it on record, and send the file as it is read."""
        form, file_format = self.asked(request.POST), request.POST.get("file_format", "")
        if form.errors or file_format not in FORMATS:
            return self._back(_("Nothing was exported. Look at the filters first."))
        try:
            return export(self.actor, form.wanted, file_format=file_format)
        except (TooMany, ExportNeedsOneChain, OrganisationNotFound) as error:
            return self._back(refusal(error).detail)

    def _back(self, why: str) -> HttpResponse:
        messages.error(self.request, why)
        filters = {name: value for name, value in self.request.POST.items() if name in self.form_class.base_fields}
        return HttpResponseRedirect(f"{reverse(self.here)}?{urlencode(filters)}", status=HTTPStatus.SEE_OTHER)


class StaffExportView(ExportView):
    """Everybody's trail as a file."""

    here, for_staff, form_class = "tickets:staff_audit", True, StaffAuditForm


class HeadView(_AuditPage):
    """The daily mail of the head."""

    def post(self, request: HttpRequest) -> HttpResponse:
        """Begin it, or end it."""
        organisation = request.POST.get("organisation", "").replace("\x00", "")[:60]
        if request.POST.get("wanted") == "yes":
            heads.subscribe_to_head(actor=self.actor, organisation=organisation)
            messages.success(request, _("The head comes by mail, once a day after midnight UTC."))
        else:
            heads.unsubscribe_from_head(actor=self.actor, organisation=organisation)
            messages.success(request, _("The head comes by mail no more."))
        query = {"organisation": organisation, "records": trail.CUSTOMERS} if organisation and self.for_staff else {}
        return HttpResponseRedirect(f"{reverse(self.here)}?{urlencode(query)}".rstrip("?"))


class StaffHeadView(HeadView):
    """The daily mail of a head, for staff."""

    here, for_staff = "tickets:staff_audit", True


class VerifierView(RequestsView):
    """The script that verifies exports, to take along: it needs Python and nothing of ours."""

    def get(self, request: HttpRequest) -> FileResponse:
        """Send the very file that the portal uses."""
        require(self.actor, "read_audit")
        file = Path(verify_audit.__file__).open("rb")  # noqa: SIM115 - closed with the answer
        return FileResponse(file, as_attachment=True, filename="verify_audit.py", content_type="text/plain")
