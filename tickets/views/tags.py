"""The desk's list of tags, and the tags of one request."""

from __future__ import annotations

from collections.abc import Callable
from http import HTTPStatus
from typing import Any

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect
from django.urls import reverse
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from accounts.errors import AccountsError, RecordChanged
from accounts.keyset import page_or_first
from accounts.permissions import may, require
from tickets.errors import InvalidText, TagNotFound, TicketsError
from tickets.models import Tag
from tickets.selectors import tags as selectors
from tickets.services import tags as services
from tickets.services.tags import Wanted
from tickets.tag_forms import TagForm, TaggingForm
from tickets.views.acts import ActView
from tickets.views.base import RequestsView, refusal

SIZE = 100


class _TagsPage(RequestsView):
    """A page about the desk's list."""

    def dispatch(self, request: HttpRequest, *args: Any, **kwargs: Any) -> Any:
        """Let in support staff."""
        if request.user.is_authenticated:
            require(self.actor, "read_tags")
        return super().dispatch(request, *args, **kwargs)

    def attempt(self, form: TagForm, work: Callable[[], Any]) -> bool:
        """Do it, or say in the form why not."""
        if form.is_valid():
            try:
                work()
            except TagNotFound:
                raise
            except (TicketsError, AccountsError) as error:
                words = refusal(error)
                fault = words.errors[0].detail if isinstance(error, InvalidText) else words.detail
                form.add_error(None if isinstance(error, RecordChanged) else "name", fault)
        return form.is_valid()

    def back(self, words: str | Promise) -> HttpResponse:
        """Say what was done, and lead to the list."""
        messages.success(self.request, str(words))
        return HttpResponseRedirect(reverse("tickets:tags"))


class TagsView(_TagsPage):
    """The list, and the form of another tag."""

    def get(self, request: HttpRequest) -> HttpResponse:
        """Draw it."""
        return self._draw(TagForm())

    def post(self, request: HttpRequest) -> HttpResponse:
        """Put a tag on the list."""
        require(self.actor, "manage_tags")
        form = TagForm(request.POST)
        if self.attempt(form, lambda: services.add_tag(actor=self.actor, **form.cleaned_data)):
            return self.back(_("The tag is on the list."))
        return self._draw(form, status=HTTPStatus.UNPROCESSABLE_ENTITY)

    def _draw(self, form: TagForm, *, status: int = HTTPStatus.OK) -> HttpResponse:
        archived = self.request.GET.get("folder") == "archived"
        rows = selectors.tags(archived=archived)
        found = page_or_first(rows, order=("key",), cursor=self.request.GET.get("cursor"), size=SIZE)
        counts = selectors.carried_counts(found.rows)
        context = {
            "tabs": [
                {"url": "?", "label": _("On offer"), "current": not archived},
                {"url": "?folder=archived", "label": _("Archived"), "current": archived},
            ],
            "archived": archived,
            "rows": [{"tag": tag, "count": counts.get(tag.pk, 0)} for tag in found.rows],
            "next": found.next,
            "previous": found.previous,
            "form": form,
            "may_manage": may(self.actor, "manage_tags"),
            "may_read_requests": may(self.actor, "read_request"),
        }
        return self.render("tickets/tags/list.html", context, status=status)


class TagView(_TagsPage):
    """One tag: what it is called, how it looks, whether it is on offer."""

    def get(self, request: HttpRequest, tag_id: int) -> HttpResponse:
        """Draw its form."""
        require(self.actor, "manage_tags")
        tag = selectors.tag_of(tag_id)
        return self._draw(TagForm.of(tag), tag)

    def post(self, request: HttpRequest, tag_id: int) -> HttpResponse:
        """Store the change; a form that lay open undoes no change of a colleague."""
        require(self.actor, "manage_tags")
        tag, form, version = selectors.tag_of(tag_id), TagForm(request.POST), request.POST.get("version", "")
        known = int(version) if version.isascii() and version.isdigit() and len(version) < 10 else 0
        change = services.change_tag
        if self.attempt(form, lambda: change(tag_id=tag_id, wanted=form.wanted(), actor=self.actor, version=known)):
            return self.back(_("The tag is changed, on every request that carries it."))
        return self._draw(form, tag, status=HTTPStatus.UNPROCESSABLE_ENTITY)

    def _draw(self, form: TagForm, tag: Tag, *, status: int = HTTPStatus.OK) -> HttpResponse:
        count = selectors.carried_counts([tag]).get(tag.pk, 0)
        return self.render("tickets/tags/tag.html", {"form": form, "tag": tag, "count": count}, status=status)


class TagActView(_TagsPage):
    """A tag is archived, offered again, or removed."""

    def get(self, request: HttpRequest, tag_id: int, act: str) -> HttpResponse:
        """Lead to the tag: this address takes forms only."""
        return HttpResponseRedirect(reverse("tickets:tag", args=[selectors.tag_of(tag_id).pk]))

    def post(self, request: HttpRequest, tag_id: int, act: str) -> HttpResponse:
        """Do it, or say why not."""
        acts = {"archive": self._archive, "restore": self._restore, "remove": self._remove}
        if act not in acts:
            raise Http404
        try:
            return self.back(acts[act](tag_id))
        except TagNotFound:
            raise
        except TicketsError as error:
            messages.warning(request, refusal(error).detail)
            return HttpResponseRedirect(reverse("tickets:tag", args=[tag_id]))

    def _archive(self, tag_id: int) -> Promise:
        services.change_tag(tag_id=tag_id, wanted=Wanted(archived=True), actor=self.actor)
        return _("The tag is archived. Requests that carry it keep it.")

    def _restore(self, tag_id: int) -> Promise:
        services.change_tag(tag_id=tag_id, wanted=Wanted(archived=False), actor=self.actor)
        return _("The tag is on offer again.")

    def _remove(self, tag_id: int) -> Promise:
        services.remove_tag(tag_id=tag_id, actor=self.actor)
        return _("The tag is removed.")


class TaggingView(ActView):
    """Tags are put on a request, or one is taken off it."""

    name, done, fragment = "tag", _("The tags are changed."), "#tags"

    def form(self) -> TaggingForm:
        """The form as it was sent; the page that comes back after a refusal adds what is on offer."""
        require(self.actor, "tag_request")
        return TaggingForm(self.request.POST)

    def act(self, number: str, data: dict[str, Any]) -> None:
        """Change them."""
        form = self.form()
        form.is_valid()
        services.tag_request(number=number, actor=self.actor, add=form.names_to_add, remove=form.names_to_remove)
