"""Tags and filters that pages draw with: icons, instants in a person's zone, looks of states, form fields, slots."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta, tzinfo
from functools import cache
from typing import Any
from unicodedata import east_asian_width
from zlib import crc32
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

import lucide
from babel import Locale, UnknownLocaleError
from babel.dates import format_datetime, format_timedelta
from babel.units import format_unit
from django import forms, template
from django.forms import BoundField
from django.template import Context
from django.utils import timezone
from django.utils.functional import Promise
from django.utils.html import format_html
from django.utils.safestring import SafeString, mark_safe
from django.utils.translation import get_language, pgettext, to_locale
from django.utils.translation import gettext_lazy as _

from accounts.labels import in_active_language
from selfhelp.selectors import language_name

register = template.Library()

# Patterns of CLDR by language and style; a language that is not here reads the English ones in its own words.
DATE_PATTERNS: Mapping[str, Mapping[str, str]] = {
    "en": {
        "full": "EEE d MMM y, HH:mm",
        "exact": "EEE d MMM y, HH:mm:ss",
        "short": "d MMM, HH:mm",
        "date": "d MMM y",
        "day": "EEEE, d MMMM",
        "time": "HH:mm",
    },
    "zh_Hant": {
        "full": "y年M月d日 (EEEEE) HH:mm",
        "exact": "y年M月d日 (EEEEE) HH:mm:ss",
        "short": "M月d日 HH:mm",
        "date": "y年M月d日",
        "day": "M月d日 EEEE",
        "time": "HH:mm",
    },
}
ZONED_STYLES = frozenset({"full", "exact"})  # the styles that name their time zone
AMBIGUOUS_ZONES = frozenset(
    {"CST", "CDT", "IST", "BST", "AST", "ADT", "SST", "GST", "PST"}
)  # also elsewhere, or unclear
PLAIN_ZONES = frozenset({"America/Los_Angeles", "America/Chicago", "America/Halifax", "Europe/London"})
DUE_SOON_SHARE = (
    0.75  # the part of a commitment's span after which it counts as due soon, like the ladder's second step
)
AVATAR_HUES = 8


@dataclass(frozen=True, slots=True)
class Look:
    """How a value is shown: its words, its tone (a class of the stylesheet) and its icon, so never by colour alone."""

    label: str | Promise
    tone: str
    icon: str


STATE_LOOKS: Mapping[str, Look] = {
    "awaiting_response": Look(_("Awaiting response"), "accent", "circle-dot"),
    "in_progress": Look(_("In progress"), "info", "circle-play"),
    "awaiting_customer": Look(_("Awaiting customer"), "warning", "circle-pause"),
    "closed": Look(_("Closed"), "success", "circle-check"),
    "archived": Look(_("Archived"), "neutral", "archive"),
}
SEVERITY_LOOKS: Mapping[str, Look] = {
    "A": Look(_("Critical"), "danger", "octagon-alert"),
    "B": Look(_("High"), "warning", "triangle-alert"),
    "C": Look(_("Non-critical"), "neutral", "info"),
}
COMMITMENT_LOOKS: Mapping[str, Look] = {
    "running": Look(_("On time"), "accent", "timer"),
    "due_soon": Look(_("Due soon"), "warning", "alarm-clock"),
    "breached": Look(_("Overdue"), "danger", "circle-alert"),
    "kept": Look(_("Answered in time"), "success", "circle-check"),
    "ended": Look(_("Ended"), "neutral", "circle-minus"),
    "superseded": Look(_("Replaced"), "neutral", "history"),
    "none": Look(_("No committed response time"), "neutral", "circle-dashed"),
}
MESSAGE_LOOKS: Mapping[str, Look] = {
    "customer": Look(_("Customer"), "customer", "message-square"),
    "engineer": Look(_("Support"), "engineer", "headset"),
    "note": Look(_("Internal note – not visible to the customer"), "note", "lock"),
    "call": Look(_("Phone call"), "call", "phone"),
    "system": Look(_("Update"), "system", "settings"),
}
CALLOUT_ICONS: Mapping[str, str] = {
    "info": "info",
    "success": "circle-check",
    "warning": "triangle-alert",
    "danger": "octagon-alert",
    "neutral": "info",
    "error": "octagon-alert",
    "debug": "info",
}
TAG_TONES = {"purple": "accent", "blue": "info", "green": "success", "amber": "warning", "red": "danger"}
UNKNOWN_LOOK = Look("", "neutral", "circle-dashed")


@cache
def _svg(name: str, size: int) -> str:
    return lucide._render_icon(
        name, size, **{"class": "icon", "aria-hidden": "true", "focusable": "false", "stroke-width": "1.75"}
    )


@register.simple_tag
def icon(name: str, size: int = 16) -> SafeString:
    """Draw a Lucide icon as decoration, hidden from assistive technology: the words beside it carry the meaning."""
    return mark_safe(_svg(str(name), int(size)))  # noqa: S308 - drawn from the package's own files


# Looks --------------------------------------------------------------------------------------------------------------


def _look(looks: Mapping[str, Look], value: object) -> Look:
    key = str(getattr(value, "value", value))
    return looks.get(key) or Look(key, UNKNOWN_LOOK.tone, UNKNOWN_LOOK.icon)


@register.filter
def state_look(state: object) -> Look:
    """Tell how the state of a service request is shown."""
    return _look(STATE_LOOKS, state)


@register.filter
def severity_look(severity: object) -> Look:
    """Tell how a severity is shown (SE-2, SE-3, SE-4)."""
    return _look(SEVERITY_LOOKS, severity)


@register.filter
def commitment_look(phase: object) -> Look:
    """Tell how a commitment in this state or phase is shown; no commitment is a look of its own (SLA-6)."""
    return _look(COMMITMENT_LOOKS, phase)


@register.filter
def message_look(kind: object) -> Look:
    """Tell how a message of this kind is shown; an internal note is unlike all others."""
    return _look(MESSAGE_LOOKS, kind)


@register.filter
def callout_icon(tone: object) -> str:
    """Name the icon that goes with a callout's tone."""
    return CALLOUT_ICONS.get(str(tone).split(" ", 1)[0], "info")


@register.filter
def tag_tone(colour: object) -> str:
    """The tone of a tag of this colour; its name tells what it means."""
    return TAG_TONES.get(str(colour), "neutral")


# Instants -----------------------------------------------------------------------------------------------------------


@cache
def _locale(language: str) -> Locale:
    try:
        return Locale.parse(to_locale(language))
    except (UnknownLocaleError, ValueError):
        return Locale.parse("en")


def _active_locale() -> Locale:
    return _locale(get_language() or "en")


def _patterns(locale: Locale) -> Mapping[str, str]:
    tag = f"{locale.language}_{locale.script}" if locale.script else locale.language
    return DATE_PATTERNS.get(tag, DATE_PATTERNS["en"])


def zone_of(zone: object) -> tzinfo:
    """Return the zone that a name or a zone means; UTC where it is missing or unknown."""
    if isinstance(zone, tzinfo):
        return zone
    try:
        return ZoneInfo(str(zone)) if zone else UTC
    except (ZoneInfoNotFoundError, ValueError, OSError):
        return UTC


def zone_label(local: datetime) -> str:
    """Name the zone of an aware instant as people write it: `CET`, or `UTC+8` where letters would mislead."""
    name = local.tzname() or "UTC"
    if name.isalpha() and (name not in AMBIGUOUS_ZONES or str(local.tzinfo) in PLAIN_ZONES):
        return name
    minutes = int((local.utcoffset() or timedelta(0)).total_seconds() // 60)
    hours, rest = divmod(abs(minutes), 60)
    return f"UTC{'-' if minutes < 0 else '+'}{hours}" + (f":{rest:02}" if rest else "")


def format_local(instant: datetime, *, zone: object, style: str = "full") -> str:
    """Write an aware instant in a zone and the active language: `Mon 23 Nov 2026, 14:05 CET`."""
    local = instant.astimezone(zone_of(zone))
    locale = _active_locale()
    patterns = _patterns(locale)
    text = format_datetime(local, patterns.get(style, patterns["full"]), locale=locale)
    return f"{text} {zone_label(local)}" if style in ZONED_STYLES or style not in patterns else text


def format_span(span: timedelta) -> str:
    """Write a length of time in at most two units and the active language: `2 hr 10 min`; under a minute in seconds."""
    seconds = int(abs(span).total_seconds())
    days, hours, minutes = seconds // 86400, seconds % 86400 // 3600, seconds % 3600 // 60
    if days:
        parts = [(days, "day"), (hours, "hour")]
    elif hours:
        parts = [(hours, "hour"), (minutes, "minute")]
    elif minutes:
        parts = [(minutes, "minute")]
    else:
        parts = [(seconds, "second")]
    kept = [part for number, part in enumerate(parts) if number == 0 or part[0]]
    locale = _active_locale()
    return " ".join(format_unit(n, f"duration-{unit}", length="short", locale=locale) for n, unit in kept)


def _iso(instant: datetime) -> str:
    return instant.astimezone(UTC).isoformat().replace("+00:00", "Z")


@register.simple_tag
def local_time(instant: datetime | None, zone: object = None, style: str = "full") -> str:
    """Draw `<time>` in a person's zone and language; styles: full, exact, short, date, day, time. Nothing for None."""
    if instant is None:
        return ""
    return format_html('<time datetime="{}">{}</time>', _iso(instant), format_local(instant, zone=zone, style=style))


@register.filter
def in_language(names: Mapping[str, str]) -> str:
    """Choose from the names of our data, by language tag, in the active language."""
    return in_active_language(dict(names))


@register.filter
def language_label(tag: object) -> str:
    """The name of the language of a tag, in the active language: zh-Hant is Traditional Chinese."""
    return language_name(str(tag), get_language() or "en")


@register.filter
def listed(items: Iterable[object]) -> str:
    """Write some things one after the other, as the active language does."""
    return pgettext("between items of a list", ", ").join(map(str, items))


@register.filter
def plain_time(instant: datetime | None, zone: object = None) -> str:
    """Write an instant in a zone as text alone, for mail and sentences."""
    return format_local(instant, zone=zone) if instant else ""


@register.filter
def plain_day(day: date | None) -> str:
    """Write a calendar day, which belongs to no time zone, as text alone."""
    return format_local(datetime(day.year, day.month, day.day, tzinfo=UTC), zone=UTC, style="date") if day else ""


@register.simple_tag
def day_ending(instant: datetime | None, zone: object = None) -> str:
    """Draw the day that ends at this instant: midnight after Tuesday is "Tuesday, 24 November"."""
    if instant is None:
        return ""
    last = instant - timedelta(microseconds=1)
    return format_html('<time datetime="{}">{}</time>', _iso(instant), format_local(last, zone=zone, style="day"))


@register.simple_tag
def relative(instant: datetime | None, zone: object = None, now: datetime | None = None) -> str:
    """Draw `<time>` as "3 hours ago", kept fresh by the script, with the full instant as its tooltip."""
    if instant is None:
        return ""
    text = format_timedelta(
        instant - (now or timezone.now()), add_direction=True, locale=_active_locale(), threshold=1.0
    )
    full = format_local(instant, zone=zone)
    return format_html('<time datetime="{}" title="{}" data-relative>{}</time>', _iso(instant), full, text)


@register.filter
def span(length: timedelta | None) -> str:
    """Write a length of time: `2 hr 10 min`."""
    return "" if length is None else format_span(length)


@register.simple_tag
def span_between(start: datetime, end: datetime | None = None) -> str:
    """Write the time between two instants, whichever comes first; `end` is now unless told."""
    return format_span((end or timezone.now()) - start)


@register.simple_tag
def commitment_phase(
    state: object, due_at: datetime | None = None, received_at: datetime | None = None, now: datetime | None = None
) -> str:
    """Return the state to show: a running commitment past 75 % of its span is `due_soon`, past its due `breached`."""
    value = str(getattr(state, "value", state))
    if value != "running" or due_at is None:
        return value
    now = now or timezone.now()
    if now > due_at:
        return "breached"
    return "due_soon" if received_at and now >= received_at + (due_at - received_at) * DUE_SOON_SHARE else value


@register.simple_tag
def seconds_between(start: datetime, end: datetime | None = None) -> int:
    """Return the whole seconds from `start` to `end` (or now), not below 0: the value of a progress bar."""
    return max(0, int(((end or timezone.now()) - start).total_seconds()))


@register.filter
def iso(instant: datetime | date | None) -> str:
    """Write an instant for `datetime` and `data-` attributes: ISO 8601 in UTC."""
    if isinstance(instant, datetime):
        return _iso(instant)
    return instant.isoformat() if instant else ""


# People -------------------------------------------------------------------------------------------------------------


def _is_wide(character: str) -> bool:
    return east_asian_width(character) in "WF"


@register.filter
def initials(name: object) -> str:
    """Return one or two letters for an avatar: `Ada King` is AK; of a Han name the given part, 王小明 is 小明."""
    words = [word for word in str(name or "").split() if word[0].isalnum()]
    if not words:
        return "?"
    if _is_wide(words[0][0]):
        return words[-1][-2:] if len(words) == 1 else words[-1][:2]
    return (words[0][0] + (words[-1][0] if len(words) > 1 else "")).upper()


@register.filter
def avatar_hue(name: object) -> int:
    """Return the number of an avatar colour, always the same for the same name."""
    return crc32(str(name or "").encode()) % AVATAR_HUES + 1


# Forms and slots ----------------------------------------------------------------------------------------------------


@register.simple_tag(takes_context=True)
def field(context: Context, bound_field: BoundField, **options: Any) -> SafeString:
    """Draw a form field with label, help and errors; options of `components/field.html` pass through."""
    return _render(context, "field", {"field": bound_field, **options})


@register.filter
def widget_kind(bound_field: BoundField) -> str:
    """Tell which markup a field needs: checkbox, choices, file, textarea, select, hidden, group or input."""
    widget = bound_field.field.widget
    if bound_field.is_hidden:
        return "hidden"
    if isinstance(widget, forms.Textarea):
        return "textarea"
    input_type = str(getattr(widget, "input_type", "group"))
    if input_type in ("radio", "checkbox") and widget.use_fieldset:
        return "choices"
    return input_type if input_type in ("checkbox", "file", "select", "group") else "input"


@register.simple_block_tag(takes_context=True)
def component(context: Context, content: str, name: str, **values: Any) -> SafeString:
    """Draw `components/NAME.html` with what the block holds as its `body`; nothing else of the page gets in."""
    return _render(context, name, {"body": content, **values})


def _render(context: Context, name: str, values: dict[str, Any]) -> SafeString:
    if context.template is None:
        raise template.TemplateSyntaxError("A component is drawn inside a page.")
    inner = context.new({"csrf_token": context.get("csrf_token"), **values})
    return context.template.engine.get_template(f"components/{name}.html").render(inner)
