"""The choice between light and dark pages."""

import pytest
from django.urls import reverse

from support_portal.appearance import COOKIE


@pytest.mark.parametrize("theme", ["light", "dark"])
def test_a_chosen_theme_stays_and_leads_back_to_the_page(client, theme):
    answer = client.post(reverse("set_theme"), {"theme": theme, "next": "/queue/?q=a"})

    assert answer.headers["Location"] == "/queue/?q=a"
    assert client.cookies[COOKIE].value == theme


@pytest.mark.parametrize("choice", ["system", "", '"><script>'])
def test_anything_else_leaves_the_theme_to_the_device(client, choice):
    client.post(reverse("set_theme"), {"theme": "dark"})

    client.post(reverse("set_theme"), {"theme": choice})

    assert client.cookies[COOKIE].value == ""


@pytest.mark.parametrize("target", ["https://elsewhere.example/", "//elsewhere.example/", "javascript:alert(1)", ""])
def test_the_way_back_stays_on_the_portal(client, target):
    answer = client.post(reverse("set_theme"), {"theme": "dark", "next": target})

    assert answer.headers["Location"] == "/"


def test_a_theme_is_not_changed_by_a_link(client):
    assert client.get(reverse("set_theme")).status_code == 405
