"""Surveys: the page behind the link of a mail, the answer of somebody signed in, and what all of them say (RO-4)."""

from __future__ import annotations

from contextlib import AbstractContextManager, nullcontext
from http import HTTPStatus
from typing import Any, ClassVar

from django.conf import settings
from django.http import HttpRequest, HttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import render
from django.utils import translation
from django.utils.decorators import method_decorator
from django.utils.translation import gettext_lazy as _
from django.views import View
from django.views.decorators.csrf import csrf_exempt

from accounts import clock
from accounts.errors import InvalidCursor
from accounts.keyset import Page
from accounts.labels import in_active_language
from accounts.unguessable import digest_of
from tickets import wording
from tickets.errors import SurveyAnswered, SurveyNotOpen, TicketsError
from tickets.models import Survey
from tickets.selectors import surveys as selectors
from tickets.selectors.surveys import Figures, LinkedSurvey
from tickets.services.surveys import answer_by_link, answer_survey
from tickets.survey_form import SurveyForm, opinion_of
from tickets.views.acts import ActView
from tickets.views.base import RequestsView, refusal


@method_decorator(csrf_exempt, name="dispatch")
class LinkView(View):
    """The survey behind the secret of a mail: GET shows it and changes nothing, POST answers it once.

    Exempt from the CSRF check on purpose: the secret in the address is all the authority there is, so that no cookie
    could be misused; and a page with `no-referrer` sends `Origin: null`, which the check would refuse.
    """

    def dispatch(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
        """Keep the secret out of the Referer of whatever is opened next."""
        response = super().dispatch(request, *args, **kwargs)
        response.headers["Referrer-Policy"] = "no-referrer"
        return response

    def get(self, request: HttpRequest, key: str) -> HttpResponse:
        """Draw the form, or say why there is none."""
        linked = selectors.linked_survey(digest_of(key), now=clock.now())
        return self._page(linked, form=SurveyForm())

    def post(self, request: HttpRequest, key: str) -> HttpResponse:
        """Keep the answer; who answers again is thanked again, and nothing changes."""
        linked = selectors.linked_survey(digest_of(key), now=clock.now())
        form = SurveyForm(request.POST)
        if not form.is_valid():
            return self._page(linked, form=form, status=HTTPStatus.BAD_REQUEST)
        try:
            answer_by_link(key=key, opinion=opinion_of(form.cleaned_data))
        except (SurveyAnswered, SurveyNotOpen):
            pass  # the page says so, from what is stored
        except TicketsError as error:
            form.add_error(None, refusal(error).detail)
            return self._page(linked, form=form, status=HTTPStatus.BAD_REQUEST)
        return self._page(selectors.linked_survey(digest_of(key), now=clock.now()), form=SurveyForm())

    def _page(self, linked: LinkedSurvey | None, *, form: SurveyForm, status: int = HTTPStatus.OK) -> HttpResponse:
        """The form, thanks, or that there is nothing to answer (any more), which unknown links read too."""
        is_open = linked is not None and selectors.is_open(linked.survey, now=clock.now())
        is_answered = linked is not None and linked.survey.answered_at is not None
        if not (is_open or is_answered):
            status = HTTPStatus.NOT_FOUND if linked is None else HTTPStatus.GONE
        context = {
            "service_request": linked.survey.request if linked else None,
            "form": form if is_open else None,
            "is_answered": is_answered,
        }
        with self._language(linked):
            return render(self.request, "tickets/survey.html", context, status=status)

    def _language(self, linked: LinkedSurvey | None) -> AbstractContextManager[Any]:
        """The language of the mail, unless the visitor has chosen one here."""
        if linked is None or settings.LANGUAGE_COOKIE_NAME in self.request.COOKIES:
            return nullcontext()
        return translation.override(linked.person.language)


class AnswerView(ActView):
    """Somebody who is signed in answers on the request's page."""

    name, form_class, prefix = "survey", SurveyForm, "survey"
    done, fragment = _("Thank you for your opinion."), "#survey"

    def act(self, number: str, data: dict[str, Any]) -> None:
        """Keep the answer."""
        answer_survey(number=number, actor=self.actor, opinion=opinion_of(data))


class ReportView(RequestsView):
    """What surveys of the last 90 days say, for those who lead."""

    BREAKDOWNS: ClassVar = (("severity", _("By severity")), ("team", _("By team")))

    def get(self, request: HttpRequest) -> HttpResponse:
        """Draw the figures, and one page of answers."""
        found = self._page()
        context = {
            "figures": figures_card(selectors.report(self.actor, now=self.now)),
            "groups": self._groups(),
            "answers": [answer_card(survey) for survey in found.rows],
            "next": found.next,
            "previous": found.previous,
            "days": selectors.REPORTED.days,
        }
        return self.render("tickets/surveys.html", context)

    def _page(self) -> Page[Survey]:
        try:
            return selectors.answers_page(self.actor, now=self.now, cursor=self.request.GET.get("cursor"))
        except InvalidCursor:
            return selectors.answers_page(self.actor, now=self.now)

    def _groups(self) -> list[dict[str, Any]]:
        severities = selectors.report_by_severity(self.actor, now=self.now)
        teams = selectors.report_by_team(self.actor, now=self.now)
        return [
            {
                "title": _("By severity"),
                "rows": [
                    (wording.words(wording.SEVERITIES, each.name), figures_card(each.figures)) for each in severities
                ],
            },
            {
                "title": _("By team"),
                "rows": [
                    (in_active_language(each.names) if each.names else _("No team"), figures_card(each.figures))
                    for each in teams
                ],
            },
        ]


def figures_card(figures: Figures) -> dict[str, Any]:
    """Figures as the page shows them, bars in hundredths of the answers."""
    return {
        "asked": figures.asked,
        "answered": figures.answered,
        "rate": "–" if figures.response_rate is None else wording.percent(figures.response_rate),
        "average": figures.average,
        "solved": figures.solved,
        "unsolved": figures.unsolved,
        "bars": [
            {
                "rating": rating,
                "count": count,
                "share": round(100 * count / figures.answered) if figures.answered else 0,
            }
            for rating, count in reversed([*enumerate(figures.ratings, start=1)])
        ],
    }


def answer_card(survey: Survey) -> dict[str, Any]:
    """One answer, with what it is about."""
    return {
        "row": survey,
        "number": survey.request.number,
        "resolution": wording.words(wording.RESOLUTIONS, survey.resolution),
    }
