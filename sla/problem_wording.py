"""What is wrong with a policy or calendar document, in sentences for people."""

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from sla import calendar_document
from sla.errors import CalendarInvalid, PolicyProblem

PROBLEMS = {
    "not_an_object": gettext_lazy("must be an object."),
    "text_too_long": gettext_lazy("the text has more than %(most)d characters."),
    "text_unreadable": gettext_lazy("the text is no JSON at line %(line)d, column %(column)d: %(problem)s."),
    "text_unfit": gettext_lazy("the text has a character that cannot be stored (NUL or half of a surrogate pair)."),
    "text_too_deep": gettext_lazy("the text is nested too deeply, or has a number that is too long."),
    "too_many_members": gettext_lazy("an object has more than %(most)d keys."),
    "key_twice": gettext_lazy("the key “%(value)s” is there twice in one object."),
    "constant_unknown": gettext_lazy("“%(value)s” is no value of JSON."),
    "missing": gettext_lazy("is missing."),
    "unknown_key": gettext_lazy("is not a known key."),
    "version_not_positive": gettext_lazy("must be a whole number from 1 on."),
    "note_not_text": gettext_lazy("must be a text of at most %(most)d characters."),
    "availability_unreadable": gettext_lazy(
        "“%(value)s” is no availability: write always, business_hours or calendar:NAME."
    ),
    "target_unreadable": gettext_lazy(
        "“%(value)s” is no target: write a duration up to 366 days such as PT1H or PT40S, day+N, next_day or none."
    ),
    "target_zero": gettext_lazy("must be longer than zero."),
    "calendar_unknown": gettext_lazy("the document brings no calendar named “%(name)s”."),
    "calendar_name_unreadable": gettext_lazy(
        "a calendar's name is made of at most 64 letters, digits, hyphens, dots and underscores."
    ),
    "cell_above_cap": gettext_lazy("must be left out, since the severity is capped at %(cap)s here."),
    "severity_unknown": gettext_lazy("“%(value)s” is no severity: write A, B or C."),
    "ladder_not_a_list": gettext_lazy("must be a list of at least one step."),
    "ladder_too_long": gettext_lazy("must have no more than %(most)d steps."),
    "percent_unreadable": gettext_lazy("“%(value)s” is no whole number of per cent from 1 to %(most)d."),
    "recipient_unknown": gettext_lazy("“%(value)s” names no recipient; known are %(known)s."),
    "country_unreadable": gettext_lazy("a country or region is written as two capital letters (ISO 3166-1)."),
    "unknown_timezone": gettext_lazy("“%(value)s” is no time zone of the IANA database, such as Europe/Berlin."),
    "unknown_weekday": gettext_lazy("is no day of the week: write 0 for Monday up to 6 for Sunday."),
    "windows_not_a_list": gettext_lazy("must be a list of at most %(most)d windows."),
    "window_unreadable": gettext_lazy("“%(value)s” is no window: write two times such as 09:00 and 18:00."),
    "window_ends_before_start": gettext_lazy(
        "the window %(value)s does not end after its start on the same day; split one that passes midnight at 24:00."
    ),
    "windows_overlap": gettext_lazy("the windows %(first)s and %(second)s overlap."),
    "holidays_not_a_list": gettext_lazy("must be a list of at most %(most)d dates."),
    "date_unreadable": gettext_lazy("“%(value)s” is no date such as 2026-12-25."),
    "never_open": gettext_lazy("no day of the week has an open window."),
    "closed_too_long": gettext_lazy("closes the calendar for %(days)d days in a row; it must open once in 366 days."),
}


def problem_text(problem: PolicyProblem) -> str:
    """Return where a document is wrong, and how."""
    path = problem.path or _("the document")
    return _("%(path)s: %(problem)s") % {"path": path, "problem": problem_sentence(problem)}


def problem_sentence(problem: PolicyProblem) -> str:
    """Return what is wrong, for a place that is plain to see."""
    return str(PROBLEMS[problem.code]) % dict(problem.params)


def calendar_problems(document: object) -> list[tuple[str, str, str]]:
    """Return where a calendar document is wrong, with a code and a sentence for each problem; empty if it is sound."""
    try:
        calendar_document.read(document)
    except CalendarInvalid as error:
        return [(problem.path, problem.code, problem_text(problem)) for problem in error.problems]
    return []
