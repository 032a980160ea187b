"""The choice of a language."""

from __future__ import annotations

from django.conf import settings
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.utils import translation
from django.views.decorators.http import require_POST

from accounts.services import preferences
from accounts.views.base import back


@require_POST
def set_language(request: HttpRequest) -> HttpResponse:
    """Change the language of pages: in the profile of who is signed in, and in a cookie for the time after."""
    response = HttpResponseRedirect(back(request))
    language = str(request.POST.get("language", ""))
    if language not in dict(settings.LANGUAGES):
        return response
    if request.user.is_authenticated:
        preferences.change_profile(person_id=request.user.pk, language=language)
    translation.activate(language)
    response.set_cookie(
        settings.LANGUAGE_COOKIE_NAME,
        language,
        max_age=settings.LANGUAGE_COOKIE_AGE,
        path=settings.LANGUAGE_COOKIE_PATH,
        secure=settings.LANGUAGE_COOKIE_SECURE,
        httponly=settings.LANGUAGE_COOKIE_HTTPONLY,
        samesite="Lax",
    )
    return response
