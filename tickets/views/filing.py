"""Filing a request."""

from tickets.views.base import RequestsView


class NewRequestView(RequestsView):
    """The form."""


class PreviewView(RequestsView):
    """What the form would become."""
