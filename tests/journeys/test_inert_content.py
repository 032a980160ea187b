"""Nothing that people write or upload runs in anybody's browser (P-7): every page, every file, a hostile portal."""

from __future__ import annotations

import io
from collections.abc import Iterator
from typing import Any

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db.models import Model
from django.test import Client
from django.urls import URLPattern, URLResolver, get_resolver, reverse
from django.utils.safestring import mark_safe
from PIL import Image
from playwright.sync_api import Browser, BrowserContext, Error, Page, expect

from accounts import rich_text
from accounts.models import Delivery, DutyPattern, DutyShift, Person
from tests import factories
from tests.browser import let_in
from tests.journeys import poison
from tickets.models import Attachment, Engagement, Incident, PolicyDraft, ServiceRequest
from tickets.services import inspection
from tickets.services.attachments import attach_file

INCIDENTS = ("tickets:incident", "tickets:incident_act")  # whose numbers are no requests'
# Before anything of a page runs: a trap that hostile text names, and whatever the content security policy stops.
TRAP = """
window.caught = [];
window.canary = () => { window.caught.push('canary'); };
document.addEventListener('securitypolicyviolation', (event) => {
  window.caught.push(event.violatedDirective + ' ' + event.blockedURI + ' ' + event.sample);
});
"""
# What of hostile text became more than text: an element, an attribute that acts, an address that runs.
AUDIT = r"""() => {
  const found = [...window.caught];
  const harmless = new Set(['value', 'title', 'alt', 'aria-label', 'placeholder', 'content', 'download',
    'data-label', 'data-name', 'data-long', 'data-key-create', 'data-key-get']);
  const addresses = ['href', 'src', 'action', 'formaction', 'data', 'xlink:href', 'srcdoc', 'poster'];
  for (const element of document.querySelectorAll('*')) {
    const name = element.localName;
    if (['base', 'object', 'embed', 'iframe', 'math', 'video', 'marquee'].includes(name)) found.push('<' + name + '>');
    if (['script', 'style'].includes(name) && element.textContent.includes('canary')) found.push('<' + name + '> text');
    if (name === 'meta' && element.httpEquiv.toLowerCase() === 'refresh') found.push('<meta refresh>');
    for (const attribute of element.attributes) {
      const acts = /^(on|hx-on|data-hx|_|x-|v-|ng-)/.test(attribute.name);
      if (attribute.value.includes('canary') && (acts || !harmless.has(attribute.name))) {
        const link = name === 'a' && attribute.name === 'href' && /^(https?|mailto|otpauth):/.test(attribute.value);
        const back = ['href', 'action'].includes(attribute.name) && attribute.value.startsWith('/');
        if (!link && !back) found.push(`<${name} ${attribute.name}=${attribute.value.slice(0, 60)}>`);
      }
      if (addresses.includes(attribute.name) && /^\s*(javascript|vbscript|data:text)/i.test(attribute.value)) {
        found.push(`<${name} ${attribute.name}=${attribute.value.slice(0, 60)}>`);
      }
    }
  }
  if (/\b49\b/.test(document.title)) found.push('a template was evaluated');
  return found;
}"""

Named = tuple[str, tuple[str, ...]]


class Watch:
    """A window that notes whatever leaves the portal, asks somebody, or goes elsewhere by itself."""

    def __init__(self, context: BrowserContext, portal: str) -> None:
        self.seen: list[str] = []
        self._portal = portal
        context.add_init_script(TRAP)
        context.on("request", self._look_at)
        self.page: Page = context.new_page()
        self.page.on("dialog", lambda dialog: (self.seen.append(f"dialog {dialog.message}"), dialog.dismiss()))
        self.page.on("popup", lambda popup: self.seen.append(f"popup {popup.url}"))

    def _look_at(self, request: Any) -> None:
        url = request.url
        if "canary" in url or not url.startswith((self._portal, "data:", "blob:")):
            self.seen.append(f"{request.method} {url}")

    def faults_of(self, address: str) -> list[str]:
        """What was hostile on one page."""
        try:
            self.page.goto(address, wait_until="load")
            found = [*self.page.evaluate(AUDIT), *self.seen]
        except Error:  # the page has gone elsewhere meanwhile
            found = ["navigation", *self.seen]
        if not self.page.url.startswith(self._portal):
            found.append(f"went to {self.page.url}")
        self.seen.clear()
        return found


@pytest.fixture
def hostile(own_database: Any, settings: Any, tmp_path: Any) -> tuple[dict[str, Person], ServiceRequest]:
    """A portal in which every text is hostile."""
    settings.MEDIA_ROOT = tmp_path / "files"
    return poison.hostile_portal()


def watch(browser: Browser, portal: str, person: Person | None) -> Watch:
    """A window in which this person has signed in."""
    context = browser.new_context(base_url=portal, locale="en-GB", timezone_id="UTC")
    if person:
        let_in(context, person, portal)
    return Watch(context, portal)


def pages(patterns: list[Any] | None = None, space: str = "", outer: tuple[str, ...] = ()) -> Iterator[Named]:
    """The name of every page and the names of its parameters; the API answers JSON, and has pages of its own words."""
    for pattern in patterns if patterns is not None else get_resolver().url_patterns:
        parameters = (*outer, *pattern.pattern.regex.groupindex)
        if isinstance(pattern, URLResolver):
            if not str(pattern.pattern).startswith(("api/", "admin/")):
                inner = f"{space}{pattern.namespace}:" if pattern.namespace else space
                yield from pages(pattern.url_patterns, inner, parameters)
        elif isinstance(pattern, URLPattern) and pattern.name:
            yield space + pattern.name, parameters


def values(service_request: ServiceRequest) -> dict[str, Any]:
    """What stands in addresses, by the name of the parameter."""
    first = {"draft_id": PolicyDraft, "shift_id": DutyShift, "pattern_id": DutyPattern, "attachment_id": Attachment}
    known = {name: _first(model) for name, model in first.items()}
    reference = service_request.subscription.reference if service_request.subscription else ""
    return known | {"number": service_request.number, "slug": "lotus", "version": 1, "reference": reference}


def _first(model: type[Model]) -> int:
    return int(model._default_manager.values_list("pk", flat=True).order_by("pk")[0])


def addresses(service_request: ServiceRequest) -> list[str]:
    """Every address that can be made from what there is."""
    known = values(service_request)
    made = [
        reverse(name, kwargs={each: known[each] for each in parameters})
        for name, parameters in pages()
        if set(parameters) <= known.keys() and "engagement" not in name and name not in INCIDENTS
    ]
    made += [f"/{side}/engagements/{Engagement.objects.get().number}/" for side in ("organisation", "staff")]
    made.append(f"/incidents/{Incident.objects.get().number}/")
    made += ["/organisation/engagements/", "/staff/engagements/", "/staff/customers/"]
    made += [f"{side_of(sent)}{sent.endpoint_id}/deliveries/{sent.pk}/" for sent in webhooks()]
    made += [f"{side_of(sent)}{sent.endpoint_id}/" for sent in webhooks()]
    tabs = [f"/requests/{service_request.number}/?tab={tab}" for tab in ("history", "notices")]
    return [*made, *tabs]


def webhooks() -> Any:
    """What was sent to the endpoints of customer and desk."""
    return Delivery.objects.filter(channel="webhook", notice="webhook.test").order_by("pk")


def side_of(sent: Delivery) -> str:
    """Where the pages of its endpoint lie."""
    return "/organisation/webhooks/" if sent.organisation_id else "/staff/webhooks/"


def test_no_page_runs_what_people_wrote(browser: Browser, live_portal: str, hostile: Any) -> None:
    """P-7: no canary, no request elsewhere, no dialog, no element or address of theirs, no breach of our own policy."""
    people, service_request = hostile
    made = addresses(service_request)
    least = {"admin": 15, "desk": 25, "partner": 4, "end_user": 5, "nobody": 3}
    faults: dict[tuple[str, str], list[str]] = {}
    for role, pages_at_least in least.items():
        person = people.get(role)
        client = factories.browser_of(person) if person else Client()
        shown = [each for each in made if _is_page(client.get(each))]
        window = watch(browser, live_portal, person)
        faults |= {(role, each): found for each in shown if (found := window.faults_of(each))}
        assert len(shown) >= pages_at_least, (role, shown)

    assert not faults, "\n".join(f"{where}: {found}" for where, found in faults.items())


def _is_page(response: Any) -> bool:
    assert response.status_code < 500, response.request["PATH_INFO"]
    return response.status_code == 200 and response["Content-Type"].startswith("text/html")


def test_whatever_people_write_is_hostile_in_this_portal(hostile: Any) -> None:
    """P-7: a table that is empty here would prove nothing; give it a row in tests/journeys/poison.py."""
    empty = {model._meta.label for model, _ in poison.written_columns() if not model._default_manager.exists()}

    assert empty <= {
        "accounts.IdempotencyKey",
        "tickets.DatabaseIdentity",
        "accounts.MailDomain",
        "accounts.PersonalValue",
    }


def test_no_file_runs_however_it_is_opened(browser: Browser, live_portal: str, hostile: Any) -> None:
    """P-7: opened, framed, or taken for a script, a style or a picture by a page of ours that was broken into."""
    people, service_request = hostile
    actor, desk = factories.actor(people["admin"]), factories.actor(people["desk"])
    Attachment.objects.all().delete()
    window, page = watch(browser, live_portal, people["desk"]), None
    for name, content in poison.FILES.items():
        number = service_request.number
        by = actor if Attachment.objects.filter(uploaded_by=people["admin"]).count() < 6 else desk
        message = service_request.messages.filter(author=by.person_id).first()
        upload = SimpleUploadedFile(name, content)
        attachment = attach_file(number=number, actor=by, upload=upload, message=message)
        address = f"{live_portal}/requests/{number}/files/{attachment.pk}/"
        page = window.page
        page.goto("/help/")

        with page.expect_download() as download:
            page.evaluate("(address) => { location.href = address }", address)
        ways = page.evaluate(WAYS, address)

        assert (download.value.suggested_filename, ways) == (name, {"script": "refused", "style": "refused"}), name
        assert [each for each in page.evaluate("window.caught") if not each.startswith(("frame", "connect"))] == [], (
            name
        )
    assert [each for each in window.seen if "canary" in each] == []


# A style or script that a browser took would load; `nosniff` and the type keep it from being taken.
WAYS = """async (address) => {
  const load = (name, more) => new Promise((done) => {
    const element = Object.assign(document.createElement(name), more);
    element.onload = () => done('loaded'); element.onerror = () => done('refused');
    document.head.append(element);
  });
  const frame = document.createElement('iframe');
  frame.src = address; document.body.append(frame);
  const script = await load('script', {src: address});
  const style = await load('link', {rel: 'stylesheet', href: address});
  return {script, style};
}"""


def test_a_preview_shows_a_picture_of_ours_and_nothing_else(browser: Browser, live_portal: str, hostile: Any) -> None:
    """P-7: on the page and by itself."""
    people, service_request = hostile
    written = io.BytesIO()
    Image.new("RGB", (64, 48), "teal").save(written, "GIF", comment=b"<script>canary()</script>")
    upload = SimpleUploadedFile("<img src=x onerror=canary()>.gif", written.getvalue() + b"<script>canary()</script>")
    attachment = attach_file(number=service_request.number, actor=factories.actor(people["admin"]), upload=upload)
    inspection.inspect_all()
    window = watch(browser, live_portal, people["desk"])

    assert window.faults_of(f"/requests/{service_request.number}/") == []
    shown = window.page.locator(".attachment-preview img")
    shown.scroll_into_view_if_needed()
    expect(shown).to_have_js_property("naturalWidth", 64)
    window.page.goto(f"/requests/{service_request.number}/files/{attachment.pk}/preview/")
    assert window.page.locator("img").evaluate("one => [one.naturalWidth, one.naturalHeight]") == [64, 48]
    assert window.seen == []


def test_the_trap_snaps_where_escaping_is_broken(browser: Browser, live_portal: str, hostile: Any) -> None:
    """P-7: the test itself, broken into once in each way that text comes to a page."""
    people, service_request = hostile
    page = f"/requests/{service_request.number}/"
    ways = {
        "markdown": ("tickets.views.presenting.render", mark_safe),
        "variable": ("django.template.base.conditional_escape", lambda text: mark_safe(str(text))),
        "scheme": ("accounts.rich_text._cleaner", Unclean()),
    }
    for name, (place, broken) in ways.items():
        rich_text._render.cache_clear()
        with pytest.MonkeyPatch.context() as patch:
            patch.setattr(place, broken)
            assert watch(browser, live_portal, people["desk"]).faults_of(page) != [], name
    rich_text._render.cache_clear()
    assert watch(browser, live_portal, people["desk"]).faults_of(page) == []


class Unclean:
    """A cleaner that lets everything through."""

    def clean(self, html: str) -> str:
        """Return what it was given, with a link that the converter itself would refuse."""
        return html + "<a href='javascript:canary()'>x</a>"
