"""The page on which an engineer corrects how a request is sorted, and what the request says about that (SE-1, SC-6)."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any, Literal, cast

from django import forms
from django.contrib import messages
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect, QueryDict
from django.urls import reverse
from django.utils.datastructures import MultiValueDict
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from accounts.errors import AccountsError
from accounts.labels import in_active_language
from accounts.permissions import require
from tickets import wording
from tickets.catalogue import CATEGORIES, kind_of
from tickets.errors import RequestNotFound, TicketsError
from tickets.forms import TextField
from tickets.models import ServiceRequest, Topic
from tickets.selectors import catalogue
from tickets.selectors.corrections import corrections_of
from tickets.selectors.visibility import request_of
from tickets.services.corrections import NOTE_LIMIT, Particulars, correct_request
from tickets.views.base import RequestsView, refusal

PARTICULARS: tuple[Literal["scope", "category", "topic"], ...] = ("scope", "category", "topic")


class CorrectionForm(forms.Form):
    """Scope, category and topic as they are right; the latter two where the kind of support has several.

    What was shown comes back beside what was chosen, so that a form that lay open undoes no correction of a colleague.
    """

    scope = forms.ChoiceField(label=_("Scope"), choices=[*wording.SCOPES.items()], show_hidden_initial=True)
    category = forms.ChoiceField(label=_("Category"), show_hidden_initial=True)
    topic = forms.ChoiceField(label=_("Topic"), required=False, show_hidden_initial=True)
    note = TextField(label=_("Note for the desk"), max_length=NOTE_LIMIT, rows=3, required=False)

    def __init__(self, data: QueryDict | None = None, *, service_request: ServiceRequest, topics: list[Topic]) -> None:
        stands = service_request.topic
        initial = {
            "scope": service_request.scope,
            "category": service_request.category,
            "topic": stands.code if stands else "",
        }
        super().__init__(data.copy() if data is not None else None, initial=initial)
        categories = [code for code in CATEGORIES if kind_of(code) == service_request.kind]
        self.fields["category"].choices = [(code, wording.CATEGORIES[code]) for code in categories]  # type: ignore[attr-defined]
        self.fields["topic"].choices = _topic_choices(categories, topics, stands)  # type: ignore[attr-defined]
        self.fields["topic"].help_text = _("It has to belong to the category. With another category, choose it anew.")
        if len(categories) == 1:
            del self.fields["category"]

    @property
    def particulars(self) -> Particulars:
        """What was chosen anew, of what has been checked; a topic left as it was goes with its category."""
        given = Particulars()
        for what in PARTICULARS:
            if what in self.changed_data:
                given[what] = self.cleaned_data[what]
        return given

    def clean(self) -> None:
        """Refuse, once, to overwrite what somebody corrected since the form was drawn."""
        chosen = dict(self.cleaned_data)
        for what in self.changed_data:
            shown, stands = self.data.get(self.add_initial_prefix(what)), str(self.initial.get(what, ""))
            if what in chosen and shown not in (None, stands) and chosen[what] != stands:
                self.add_error(what, self._corrected_meanwhile(what, stands))
                cast(MultiValueDict[str, str], self.data)[self.add_initial_prefix(what)] = stands

    def _corrected_meanwhile(self, what: str, stands: str) -> str:
        name = words_of(what, stands, topic_words([stands]) if what == "topic" else {})
        return gettext("Somebody has corrected this meanwhile, to: %(name)s. Choose once more.") % {"name": name}


def _topic_choices(categories: list[str], topics: list[Topic], stands: Topic | None) -> list[Any]:
    """The topics below their category; with the one that it has, even if that is no longer on offer."""
    if stands and stands not in topics:
        topics = [*topics, stands]
    grouped = [
        (
            str(wording.CATEGORIES[category]),
            [(t.code, in_active_language(t.names)) for t in topics if t.category == category],
        )
        for category in categories
    ]
    return [("", _("None")), *((name, group) for name, group in grouped if group)]


class CorrectView(RequestsView):
    """The form, and what comes of it; whether the act is lawful, the service says."""

    def get(self, request: HttpRequest, number: str) -> HttpResponse:
        """Draw the page."""
        service_request = request_of(self.actor, number)
        require(self.actor, "correct_request", on=service_request)
        return self._page(service_request, self._form(service_request))

    def post(self, request: HttpRequest, number: str) -> HttpResponse:
        """Correct it, or say why not."""
        service_request = request_of(self.actor, number)
        require(self.actor, "correct_request", on=service_request)
        form = self._form(service_request, request.POST)
        if not form.is_valid():
            return self._page(service_request, form, status=400)
        note, version = form.cleaned_data["note"], service_request.version
        try:
            correct_request(number=number, actor=self.actor, particulars=form.particulars, note=note, version=version)
        except RequestNotFound:
            raise
        except (TicketsError, AccountsError) as error:
            words = refusal(error)
            form.add_error(None, words.detail)
            return self._page(service_request, form, status=words.status)
        messages.success(request, gettext("The request is sorted anew."))
        return HttpResponseRedirect(reverse("tickets:detail", args=[number]))

    def _form(self, service_request: ServiceRequest, data: QueryDict | None = None) -> CorrectionForm:
        topics = list(catalogue.topics_for(service_request))
        return CorrectionForm(data, service_request=service_request, topics=topics)

    def _page(self, service_request: ServiceRequest, form: CorrectionForm, *, status: int = 200) -> HttpResponse:
        context = {"number": service_request.number, "request_row": service_request, "form": form}
        return self.render("tickets/correct.html", context, status=status)


def sorting_card(view: RequestsView, service_request: ServiceRequest) -> dict[str, Any]:
    """For staff: the scope as it stands, and who corrected what; one that nobody corrected costs no query."""
    rows = list(corrections_of(view.actor, service_request)) if service_request.corrected_at else []
    topics = topic_words(code for row in rows if row.what == "topic" for code in (row.previous, row.corrected))
    return {
        "scope": wording.words(wording.SCOPES, service_request.scope),
        "corrections": [
            {
                "what": wording.CORRECTED[row.what],
                "previous": words_of(row.what, row.previous, topics),
                "corrected": words_of(row.what, row.corrected, topics),
                "who": row.actor.name,
                "at": row.at,
                "note": row.note,
            }
            for row in rows
        ],
    }


def topic_words(codes: Iterable[str]) -> dict[str, str]:
    """The names of topics in the reader's language, on offer or not; in one query, and in none for no topic."""
    wanted = {code for code in codes if code}
    return {code: in_active_language(names) for code, names in catalogue.topic_names(wanted)} if wanted else {}


def words_of(what: str, code: str, topics: Mapping[str, str]) -> str:
    """A scope, a category or a topic in words; `topics` are the names of those that are meant."""
    if not code:
        return gettext("none")
    return wording.words({"scope": wording.SCOPES, "category": wording.CATEGORIES}.get(what, topics), code)
