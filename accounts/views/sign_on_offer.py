"""The way to an organisation's issuer, for pages that offer it."""

from __future__ import annotations

from urllib.parse import urlencode, urlsplit

from django.http import HttpRequest
from django.urls import reverse
from django.utils.http import url_has_allowed_host_and_scheme

from accounts.models import SingleSignOn
from accounts.signing_in.domain_names import domain_of, shown


def offer_for(request: HttpRequest, stands: SingleSignOn, address: str) -> dict[str, str]:
    """The way on for somebody with this address, as the page shows it."""
    url = reverse("sign_on_start", kwargs={"callback_key": stands.callback_key})
    after = safe_next(request)
    return {
        "url": f"{url}?{urlencode({'next': after})}" if after else url,
        "domain": shown(domain_of(address)),
        "host": str(urlsplit(stands.issuer).hostname),
    }


def safe_next(request: HttpRequest) -> str:
    """Where to go afterwards, if it is a page of ours."""
    wanted = request.POST.get("next") or request.GET.get("next") or ""
    ours = url_has_allowed_host_and_scheme(wanted, {request.get_host()}, require_https=request.is_secure())
    return wanted if ours else ""
