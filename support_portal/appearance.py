"""The choice between light and dark pages, kept in a cookie: for visitors too, and without a script."""

from django.conf import settings
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.views.decorators.http import require_POST

from accounts.views.base import back

COOKIE = "theme"  # the pages' script sets it as well, so it is not HttpOnly
COOKIE_AGE = 365 * 24 * 60 * 60  # seconds
THEMES = ("light", "dark")  # anything else follows the device


@require_POST
def set_theme(request: HttpRequest) -> HttpResponse:
    """Keep the chosen theme and go back to the page that it was chosen on."""
    response = HttpResponseRedirect(back(request))
    chosen = request.POST.get("theme", "")
    if chosen in THEMES:
        response.set_cookie(COOKIE, chosen, max_age=COOKIE_AGE, secure=settings.SESSION_COOKIE_SECURE, samesite="Lax")
    else:
        response.delete_cookie(COOKIE, samesite="Lax")
    return response
