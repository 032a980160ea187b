"""The pages of a policy draft: the table, ladders and calendars to fill in, the text, review and publishing (SLA-1)."""

from __future__ import annotations

from abc import ABC, abstractmethod
from http import HTTPStatus
from typing import Any, ClassVar

from django.contrib import messages
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.urls import reverse
from django.utils.functional import Promise
from django.utils.translation import gettext as _now
from django.utils.translation import gettext_lazy as _
from django.utils.translation import ngettext

from sla.errors import PolicyDraftChanged, PolicyVersionUnknown
from sla.policy_editing import Document
from sla.policy_text import write_text
from sla.policy_wording import TIER_NAMES
from sla.vocabulary import SEVERITIES, TIERS
from tickets.errors import InvalidText
from tickets.selectors.policies import Draft, draft_of
from tickets.services import policies
from tickets.views import policy_forms as forms
from tickets.views import policy_tables as tables
from tickets.views.base import RequestsView, refusal

TABS: tuple[tuple[str, Promise], ...] = (
    ("table", _("Response table")),
    ("ladders", _("Escalation")),
    ("calendars", _("Calendars and regions")),
    ("text", _("JSON")),
    ("review", _("Review and publish")),
)


def address(tab: str, draft_id: int) -> str:
    """The address of one page of a draft."""
    return reverse(f"tickets:policy_draft_{tab}", args=[draft_id])


class StartView(RequestsView):
    """Begin a draft with the text of a version."""

    def post(self, request: HttpRequest) -> HttpResponse:
        """Begin it, and lead to its table."""
        version = request.POST.get("version", "")
        if not (version.isascii() and version.isdigit() and len(version) < 10):
            raise PolicyVersionUnknown
        try:
            draft = policies.start_draft(actor=self.actor, name=request.POST.get("name", ""), version=int(version))
        except InvalidText as error:
            messages.error(request, refusal(error).detail)
            return HttpResponseRedirect(reverse("tickets:policies"))
        return HttpResponseRedirect(address("table", draft.pk))


class DraftView(RequestsView):
    """One page of a draft: what was typed is kept, sound or not, unless somebody else saved meanwhile."""

    tab: ClassVar[str]
    stale = False

    def get(self, request: HttpRequest, draft_id: int) -> HttpResponse:
        """Draw the page."""
        return self.page(draft_of(self.actor, draft_id))

    def page(self, draft: Draft, *, status: int = HTTPStatus.OK) -> HttpResponse:
        """Draw the page for a draft, or for what was just typed."""
        context = {
            "draft": draft.row,
            "stale": self.stale,
            "is_text": draft.document is None,
            "problems": tables.problems_of(draft.problems),
            "in_force": draft.in_force,
            "is_behind": draft.is_behind,
            "tabs": [
                {"url": address(tab, draft.row.pk), "label": label, "current": tab == self.tab} for tab, label in TABS
            ],
            **self.context(draft),
        }
        return self.render(f"tickets/policies/draft_{self.tab}.html", context, status=status)

    def context(self, draft: Draft) -> dict[str, Any]:
        """What this page shows beside what all of them do."""
        return {}

    def save(self, draft_id: int, text: str, *, then: str) -> HttpResponse:
        """Keep a text, and say how it stands; what somebody else overtook comes back to be saved again."""
        try:
            row = policies.save_draft(
                actor=self.actor, draft_id=draft_id, version=posted_version(self.request), text=text
            )
        except PolicyDraftChanged:
            self.stale = True
            return self.page(Draft(draft_of(self.actor, draft_id).row, text), status=HTTPStatus.CONFLICT)
        self._tell(Draft(row, row.text))
        return HttpResponseRedirect(then)

    def _tell(self, draft: Draft) -> None:
        wrong = len(draft.problems)
        if not wrong:
            messages.success(self.request, _now("Saved. The document is sound."))
            return
        text = ngettext(
            "Saved. %(count)d thing is wrong, and named below.",
            "Saved. %(count)d things are wrong, and named below.",
            wrong,
        )
        messages.warning(self.request, text % {"count": wrong})


def posted_version(request: HttpRequest) -> int:
    """The version of the draft that a form was made for, 0 where it names none."""
    typed = request.POST.get("draft_version", "")
    return int(typed) if typed.isascii() and typed.isdigit() and len(typed) < 10 else 0


class EditView(DraftView, ABC):
    """A page whose form changes a part of the document."""

    def post(self, request: HttpRequest, draft_id: int) -> HttpResponse:
        """Put what was typed into the document, and keep it."""
        draft = draft_of(self.actor, draft_id)
        if draft.document is None:
            return self.page(draft, status=HTTPStatus.CONFLICT)
        return self.save(draft_id, write_text(self.typed(draft.document)), then=self.then(draft_id))

    @abstractmethod
    def typed(self, document: Document) -> Document:
        """The document with what was typed."""

    def then(self, draft_id: int) -> str:
        """Where saving leads."""
        return address(self.tab, draft_id)


class TableView(EditView):
    """The cells of the response table, the caps and the note."""

    tab = "table"

    def context(self, draft: Draft) -> dict[str, Any]:
        """The table with what is wrong in its cells."""
        document = draft.document or {}
        kinds = tables.table_of(document, draft.problems)
        current = [cell.availability for kind in kinds for row in kind.rows for cell in row.cells]
        return {
            "kinds": kinds,
            "tiers": [cell.tier_name for cell in kinds[0].rows[0].cells],
            "availabilities": tables.availability_choices(document, current),
            "targets": tables.USUAL_TARGETS,
            "severities": SEVERITIES,
            "note": document.get("note", ""),
        }

    def typed(self, document: Document) -> Document:
        """The document with the table that was typed."""
        return forms.typed_table(document, self.request.POST)


class LaddersView(EditView):
    """The ladders of all tiers and severities, and the form of the one that the address names."""

    tab = "ladders"

    def context(self, draft: Draft) -> dict[str, Any]:
        """All ladders in words, and the steps of one."""
        document = draft.document or {}
        tier, severity = self._chosen()
        shown = {
            "ladders": tables.ladders_of(document, draft.problems),
            "severities": SEVERITIES,
        }
        if not tier:
            return shown
        named = {"tier": tier, "severity": severity, "tier_name": TIER_NAMES[tier]}
        return {**shown, **named, "steps": tables.steps_of(document, tier, severity)}

    def typed(self, document: Document) -> Document:
        """The document with the steps that were typed."""
        tier, severity = self._chosen()
        return forms.typed_ladder(document, self.request.POST, tier=tier, severity=severity) if tier else document

    def then(self, draft_id: int) -> str:
        """Back to the same ladder, with more blank steps; to all of them after going back to the default."""
        tier, severity = self._chosen()
        here = address(self.tab, draft_id)
        return here if "default" in self.request.POST else f"{here}?tier={tier}&severity={severity}"

    def _chosen(self) -> tuple[str, str]:
        data = self.request.GET
        tier, severity = data.get("tier", ""), data.get("severity", "")
        return (tier, severity) if tier in TIERS and severity in SEVERITIES else ("", "")


class CalendarsView(EditView):
    """The named calendars and the regions, and the form of the calendar that the address names."""

    tab = "calendars"

    def context(self, draft: Draft) -> dict[str, Any]:
        """All calendars, the regions, and one calendar to change."""
        document = draft.document or {}
        shown: dict[str, Any] = {
            "calendars": tables.calendars_of(document, draft.problems),
            "regions": [*tables.regions_of(document), *[("", "", "")] * tables.BLANK_ROWS],
            "region_problems": tables.sentences_below("regions", draft.problems),
            "availabilities": tables.availability_choices(
                document, [hours for _c, hours, _t in tables.regions_of(document)]
            ),
        }
        if "calendar" in self.request.GET:
            shown["calendar"] = tables.calendar_of(document, self.request.GET["calendar"], draft.problems)
        return shown

    def typed(self, document: Document) -> Document:
        """The document with the calendar or the regions that were typed."""
        if "calendar" in self.request.GET:
            return forms.typed_calendar(document, self.request.POST, name=self.request.GET["calendar"])
        return forms.typed_regions(document, self.request.POST)


class TextView(DraftView):
    """The whole document as text."""

    tab = "text"

    def context(self, draft: Draft) -> dict[str, Any]:
        """The text as it was typed."""
        return {"text": draft.text, "typed_as_text": True}

    def post(self, request: HttpRequest, draft_id: int) -> HttpResponse:
        """Keep the text."""
        draft_of(self.actor, draft_id)
        return self.save(draft_id, request.POST.get("text", ""), then=address(self.tab, draft_id))
