"""Pages of self-help, open to everybody, and the home of people without an admin role (SH-1, SH-2, CH-3, FE-1)."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Any
from urllib.parse import urlencode

from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.cache import patch_vary_headers
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_safe

from accounts import rich_text
from accounts.actors import Actor
from accounts.edges import actor_of
from accounts.labels import role_label
from accounts.permissions import may
from accounts.selectors import admins_of
from selfhelp import selectors, services
from selfhelp.selectors import FeatureTable, PhoneEntry
from selfhelp.texts import reading_language

LONGEST_SEARCH = 200  # characters
FOUND_AT_MOST = 30  # whoever misses it among these had better try other words
ANSWERS = {"yes": True, "no": False}
ORIGINS = {"new-request": "new_request"}  # the `from` of a link, and the source that a judgement then has
READERS = {"reader"}  # look at requests, and help nobody
REGION_OF_LANGUAGE = re.compile(r"[a-z]{2,3}(?:-[a-z]{4})?-([a-z]{2})\b", re.IGNORECASE | re.ASCII)


@require_safe
def articles(request: HttpRequest) -> HttpResponse:
    """Self-help by kind, or what a search of it finds (SH-1)."""
    text = request.GET.get("q", "")[:LONGEST_SEARCH].strip()
    language = reading_language()
    context: dict[str, Any] = {"query": text, "may_file": _may_file(request)}
    if text:
        context["found"] = selectors.search_articles(text, language=language, limit=FOUND_AT_MOST)
    else:
        context["kinds"] = selectors.articles_by_kind(language=language)
    return render(request, "selfhelp/articles.html", context)


@require_http_methods(["GET", "HEAD", "POST"])
def article(request: HttpRequest, slug: str) -> HttpResponse:
    """One article; a POST says whether it solved the reader's problem (SH-1)."""
    if request.method == "POST":
        return _judge(request, slug)
    page = selectors.article_page(slug, language=reading_language())
    context = {
        "article": page,
        "body": rich_text.render(page.body),
        "breadcrumbs": [{"label": _("Help"), "url": reverse("selfhelp:articles")}, {"label": page.summary.title}],
        "answer": _answer(request.GET.get("helped")),
        "origin": _origin(request.GET.get("from")),
        "may_file": _may_file(request),
    }
    return render(request, "selfhelp/article.html", context)


def _judge(request: HttpRequest, slug: str) -> HttpResponse:
    """Keep what the reader says. htmx gets the part of the page back, a plain form comes back to the page."""
    answer, origin = _answer(request.POST.get("helped")), _origin(request.POST.get("from"))
    if answer:
        actor = _actor(request)
        services.count_answer(actor=actor, address=request.META["REMOTE_ADDR"])
        source = ORIGINS.get(origin, "article")
        services.record_deflection(slug=slug, helped=ANSWERS[answer], actor=actor, source=source)
    if request.headers.get("HX-Request") != "true":
        said = urlencode({"helped": answer, "from": origin} if origin else {"helped": answer})
        return redirect(f"{reverse('selfhelp:article', args=[slug])}?{said}#helped")
    context = {"slug": slug, "answer": answer, "origin": origin, "may_file": _may_file(request)}
    response = render(request, "selfhelp/_judgement.html", context)
    patch_vary_headers(response, ["HX-Request"])
    return response


def _answer(given: str | None) -> str:
    return given if given in ANSWERS else ""


def _origin(given: str | None) -> str:
    return given if given in ORIGINS else ""


@require_safe
def phone(request: HttpRequest) -> HttpResponse:
    """The support phone numbers, the reader's own country or region first (CH-3), and the languages spoken (LA-1)."""
    language = reading_language()
    directory = selectors.phone_directory(language=language)
    own = _entry_of(directory, _country_of(request))
    languages = selectors.spoken_languages(language=language)
    return render(request, "selfhelp/phone.html", {"own": own, "directory": directory, "languages": languages})


def _entry_of(directory: list[PhoneEntry], country: str) -> PhoneEntry | None:
    return next((entry for entry in directory if entry.country == country), None)


def _country_of(request: HttpRequest) -> str:
    """The country or region that the reader chose, else that of their organisation, else that of their browser."""
    chosen = request.GET.get("country", "")
    if chosen:
        return chosen.upper()
    organisation = getattr(request.user, "organisation", None)
    if organisation:
        return str(organisation.country)
    first = REGION_OF_LANGUAGE.match(request.headers.get("Accept-Language", ""))
    return first.group(1).upper() if first else ""


@require_safe
def features(request: HttpRequest) -> HttpResponse:
    """Which support feature is available in which plan (FE-1)."""
    chosen = request.GET.get("plans", "")
    table = selectors.feature_table(language=reading_language(), column=chosen)
    return render(request, "selfhelp/features.html", {"table": table, "tabs": _plan_tabs(table, chosen)})


def _plan_tabs(table: FeatureTable, chosen: str) -> list[dict[str, Any]]:
    """A tab for all plans side by side, and one for each column, which is what a phone has room for."""
    address = reverse("selfhelp:features")
    known = {column.code for column in table.columns}
    everything = {"url": address, "label": _("All plans"), "current": chosen not in known}
    return [everything] + [
        {"url": f"{address}?plans={column.code}", "label": column.name, "current": column.code == chosen}
        for column in table.columns
    ]


def home_for_user(request: HttpRequest) -> HttpResponse:
    """The home of somebody without an admin role: the admins of their own organisation, and self-help (SH-2)."""
    organisation = getattr(request.user, "organisation", None)
    context = {
        "admins": _admins(organisation.pk) if organisation else [],
        "articles": selectors.helpful_articles(language=reading_language()),
    }
    return render(request, "selfhelp/home.html", context)


@dataclass(frozen=True, slots=True)
class Admin:
    """An admin as their users see them."""

    name: str
    email: str
    roles: list[str]


def _admins(organisation_id: int) -> list[Admin]:
    people = [(person, set(person.role_names) - READERS) for person in admins_of(organisation_id)]
    return [
        Admin(name=person.name, email=person.email, roles=[role_label(role) for role in sorted(roles)])
        for person, roles in people
        if roles
    ]


def _actor(request: HttpRequest) -> Actor | None:
    return actor_of(request) if request.user.is_authenticated else None


def _may_file(request: HttpRequest) -> bool:
    actor = _actor(request)
    return actor is not None and may(actor, "file_request")
