"""The choice between light and dark pages."""

import pytest
from django.http import HttpResponse
from django.urls import path, reverse

from support_portal import appearance, urls


def show(request):
    return HttpResponse(appearance.theme_of(request))


urlpatterns = [*urls.urlpatterns, path("shown/", show)]
pytestmark = pytest.mark.urls(__name__)


@pytest.mark.parametrize("theme", ["light", "dark"])
def test_a_chosen_theme_stays(client, theme):
    answer = client.post(reverse("set_theme"), {"theme": theme, "next": "/queue/?q=a"})

    assert answer.headers["Location"] == "/queue/?q=a"
    assert client.get("/shown/").content.decode() == theme


def test_a_theme_can_be_left_to_the_device_again(client):
    client.post(reverse("set_theme"), {"theme": "dark"})

    client.post(reverse("set_theme"), {"theme": "system"})

    assert client.get("/shown/").content == b""


def test_only_known_themes_count(client):
    client.cookies[appearance.COOKIE] = '"><script>'

    assert client.get("/shown/").content == b""


@pytest.mark.parametrize("target", ["https://elsewhere.example/", "//elsewhere.example/", "javascript:alert(1)", ""])
def test_the_way_back_stays_on_the_portal(client, target):
    answer = client.post(reverse("set_theme"), {"theme": "dark", "next": target})

    assert answer.headers["Location"] == "/"


def test_a_theme_is_not_changed_by_a_link(client):
    assert client.get(reverse("set_theme")).status_code == 405
