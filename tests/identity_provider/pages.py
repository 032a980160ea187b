"""Addresses of the provider: those of the standard, and /control/ for the tests."""

from __future__ import annotations

import json
from typing import Any

from allauth.account.models import EmailAddress
from allauth.idp.oidc.adapter import DefaultOIDCAdapter
from allauth.idp.oidc.models import Client
from django.contrib.auth import get_user_model, login
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.urls import include, path
from django.views.decorators.csrf import csrf_exempt

EXTRA: dict[str, dict[str, Any]] = {}  # by user name: claims over and above


class Adapter(DefaultOIDCAdapter):
    """Adds to the claims what a test wants there."""

    def get_claims(self, purpose: Any, user: Any, client: Any, scopes: Any, **more: Any) -> dict[str, Any]:
        claims = super().get_claims(purpose, user, client, scopes, **more)
        return {**claims, **EXTRA.get(user.username, {})}


@csrf_exempt
def control(request: HttpRequest) -> HttpResponse:
    """Make or change a client and users."""
    wanted = json.loads(request.body)
    for client in wanted.get("clients", []):
        made, _ = Client.objects.get_or_create(id=client["id"], defaults={"name": client["id"]})
        made.set_secret(client["secret"])
        made.skip_consent = True
        made.set_scopes(["openid", "email", "profile"])
        made.set_redirect_uris(client["redirect_uris"])
        made.save()
    subjects = {}
    for user in wanted.get("users", []):
        made, _ = get_user_model().objects.update_or_create(
            username=user["username"], defaults={"first_name": user.get("name", ""), "email": user.get("email", "")}
        )
        EmailAddress.objects.filter(user=made).delete()
        if user.get("email"):
            EmailAddress.objects.filter(email__iexact=user["email"]).delete()  # of an earlier test
            verified = user.get("verified", True)
            EmailAddress.objects.create(user=made, email=user["email"], verified=verified, primary=True)
        EXTRA[user["username"]] = user.get("claims", {})
        subjects[user["username"]] = str(made.pk)
    return JsonResponse(subjects)


def be(request: HttpRequest, username: str) -> HttpResponse:
    """Sign somebody in here, in place of a form."""
    user = get_user_model().objects.get(username=username)
    login(request, user, backend="django.contrib.auth.backends.ModelBackend")
    return HttpResponse("ok")


urlpatterns = [
    path("control/", control),
    path("be/<str:username>/", be),
    path("", include("allauth.idp.urls")),
]
