"""The tag `csrf_token`, which every form has, extended by whom the form is drawn for (PA-1)."""

from __future__ import annotations

from django import template
from django.template.base import Parser, Token
from django.template.context import Context
from django.template.defaulttags import CsrfTokenNode
from django.utils.html import format_html

from accounts import acting

register = template.Library()


class FormTokensNode(CsrfTokenNode):
    """What a form of ours carries: Django's token, and for a partner's person the organisation acted for.

    It asks the request, which reaches even a part that is included with `only`.
    """

    def render(self, context: Context) -> str:
        """Draw the hidden fields."""
        token = super().render(context)
        organisation = acting.carried_by_forms(getattr(context, "request", None))
        if not token or organisation is None:
            return token
        return format_html('{}<input type="hidden" name="{}" value="{}">', token, acting.FIELD, organisation)


@register.tag("csrf_token")
def csrf_token(parser: Parser, token: Token) -> FormTokensNode:
    """Draw what a form carries."""
    return FormTokensNode()
