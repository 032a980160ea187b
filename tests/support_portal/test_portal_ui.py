"""The tags and filters that pages draw with."""

import re
from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from django import forms
from django.conf import settings
from django.template import Context, Template, engines
from django.utils import translation

from support_portal.templatetags import portal_ui

AT = datetime(2026, 11, 23, 13, 5, 7, tzinfo=UTC)
GUIDE = (settings.BASE_DIR / "docs" / "design.md").read_text()
PARTS_OF_THE_SHELL = {
    *("acting_for", "bell", "brand", "field_errors", "footer", "head", "language_switch", "nav"),
    *("shortcuts", "theme_switch", "toasts", "topbar", "user_menu"),
}
COMPONENTS = sorted((settings.BASE_DIR / "templates" / "components").glob("*.html"))


def draw(source, **values):
    return engines["django"].from_string("{% load portal_ui %}" + source).render(values)


class ExampleForm(forms.Form):
    subject = forms.CharField(help_text="One sentence.")
    note = forms.CharField(required=False, widget=forms.Textarea)
    users = forms.ChoiceField(choices=[("one", "One"), ("all", "All")], widget=forms.RadioSelect)
    extras = forms.MultipleChoiceField(choices=[("call", "Call")], widget=forms.CheckboxSelectMultiple, required=False)
    consent = forms.BooleanField(required=False)
    upload = forms.FileField(required=False)
    service = forms.ChoiceField(choices=[("mail", "Mail")])
    key = forms.CharField(widget=forms.HiddenInput, required=False)


# Instants


@pytest.mark.parametrize(
    ("zone", "written"),
    [
        ("Europe/Berlin", "Mon 23 Nov 2026, 14:05 CET"),
        ("Asia/Taipei", "Mon 23 Nov 2026, 21:05 UTC+8"),
        ("America/Chicago", "Mon 23 Nov 2026, 07:05 CST"),
        ("Asia/Kolkata", "Mon 23 Nov 2026, 18:35 UTC+5:30"),
        ("America/St_Johns", "Mon 23 Nov 2026, 09:35 NST"),
        ("America/Sao_Paulo", "Mon 23 Nov 2026, 10:05 UTC-3"),
        ("Nowhere/Land", "Mon 23 Nov 2026, 13:05 UTC"),
        ("../../etc/passwd", "Mon 23 Nov 2026, 13:05 UTC"),
        (None, "Mon 23 Nov 2026, 13:05 UTC"),
    ],
)
def test_an_instant_is_written_in_the_persons_time_zone(zone, written):
    assert portal_ui.format_local(AT, zone=zone) == written


def test_an_instant_takes_a_zone_object_as_well():
    assert portal_ui.format_local(AT, zone=ZoneInfo("Asia/Tokyo")) == "Mon 23 Nov 2026, 22:05 JST"


@pytest.mark.parametrize(
    ("style", "english", "chinese"),
    [
        ("full", "Mon 23 Nov 2026, 14:05 CET", "2026年11月23日 (一) 14:05 CET"),
        ("exact", "Mon 23 Nov 2026, 14:05:07 CET", "2026年11月23日 (一) 14:05:07 CET"),
        ("short", "23 Nov, 14:05", "11月23日 14:05"),
        ("date", "23 Nov 2026", "2026年11月23日"),
        ("day", "Monday, 23 November", "11月23日 星期一"),
        ("time", "14:05", "14:05"),
        ("no such style", "Mon 23 Nov 2026, 14:05 CET", "2026年11月23日 (一) 14:05 CET"),
    ],
)
def test_each_style_of_an_instant_follows_the_language(style, english, chinese):
    with translation.override("en"):
        assert portal_ui.format_local(AT, zone="Europe/Berlin", style=style) == english
    with translation.override("zh-hant"):
        assert portal_ui.format_local(AT, zone="Europe/Berlin", style=style) == chinese


def test_the_two_hours_of_a_clock_change_can_be_told_apart():
    first, second = datetime(2026, 10, 25, 0, 30, tzinfo=UTC), datetime(2026, 10, 25, 1, 30, tzinfo=UTC)

    written = [portal_ui.format_local(at, zone="Europe/Berlin") for at in (first, second)]

    assert written == ["Sun 25 Oct 2026, 02:30 CEST", "Sun 25 Oct 2026, 02:30 CET"]


def test_local_time_is_a_time_element_with_the_instant_in_utc():
    html = draw("{% local_time at 'Europe/Berlin' %}", at=AT)

    assert html == '<time datetime="2026-11-23T13:05:07Z">Mon 23 Nov 2026, 14:05 CET</time>'


@pytest.mark.parametrize("tag", ["local_time", "relative", "day_ending"])
def test_an_absent_instant_draws_nothing(tag):
    """SLA-6"""
    assert draw(f"{{% {tag} at 'UTC' %}}", at=None) == ""


def test_a_plain_instant_has_no_markup():
    assert draw("{{ at|plain_time:'Europe/Berlin' }}{{ none|plain_time }}", at=AT, none=None) == (
        "Mon 23 Nov 2026, 14:05 CET"
    )


def test_a_midnight_is_shown_as_the_end_of_the_day_before():
    midnight = datetime(2026, 11, 24, 23, tzinfo=UTC)

    assert ">Tuesday, 24 November<" in draw("{% day_ending at 'Europe/Berlin' %}", at=midnight)


@pytest.mark.parametrize(
    ("length", "written"),
    [
        (timedelta(0), "0 sec"),
        (timedelta(seconds=59), "59 sec"),
        (timedelta(minutes=12, seconds=59), "12 min"),
        (timedelta(hours=2), "2 hr"),
        (timedelta(hours=2, minutes=10), "2 hr 10 min"),
        (timedelta(days=1, minutes=59), "1 day"),
        (timedelta(days=3, hours=4), "3 days 4 hr"),
        (timedelta(hours=-2), "2 hr"),
    ],
)
def test_a_length_of_time_has_at_most_two_units(length, written):
    assert portal_ui.format_span(length) == written


def test_a_length_of_time_is_written_in_chinese():
    with translation.override("zh-hant"):
        assert portal_ui.format_span(timedelta(hours=2, minutes=10)) == "2 小時 10 分鐘"


@pytest.mark.parametrize(
    ("language", "written"), [("en", "3 hours ago"), ("zh-hant", "3 小時前"), ("xx", "3 hours ago")]
)
def test_a_relative_instant_follows_the_language(language, written):
    with translation.override(language):
        html = draw("{% relative at 'UTC' now %}", at=AT, now=AT + timedelta(hours=3))
    assert f">{written}<" in html
    assert "data-relative" in html


@pytest.mark.parametrize(
    ("minutes", "phase"),
    [(0, "running"), (44.99, "running"), (45, "due_soon"), (60, "due_soon"), (60.001, "breached")],
)
def test_a_running_commitment_is_due_soon_from_three_quarters_and_breached_after_its_due(minutes, phase):
    now, due = AT + timedelta(minutes=minutes), AT + timedelta(hours=1)

    assert portal_ui.commitment_phase("running", due, AT, now) == phase


@pytest.mark.parametrize("state", ["none", "kept", "breached", "ended", "superseded"])
def test_a_commitment_that_does_not_run_keeps_its_state(state):
    """SLA-6"""
    assert portal_ui.commitment_phase(state, None, AT, AT) == state


# Looks


@pytest.mark.parametrize("looks", ["STATE_LOOKS", "SEVERITY_LOOKS", "COMMITMENT_LOOKS", "MESSAGE_LOOKS"])
def test_every_value_has_words_and_an_icon_of_its_own(looks):
    """WCAG 1.4.1"""
    shown = getattr(portal_ui, looks).values()

    assert len({look.icon for look in shown}) == len(shown)
    assert all(str(look.label) and portal_ui.icon(look.icon) for look in shown)


def test_an_unknown_value_is_shown_as_it_is():
    assert portal_ui.state_look("mislaid").label == "mislaid"


def test_an_icon_is_hidden_from_screen_readers_and_carries_no_style():
    html = draw("{% icon 'inbox' 18 %}")

    assert 'aria-hidden="true"' in html
    assert 'width="18"' in html
    assert "style" not in html


@pytest.mark.parametrize(
    ("name", "letters"),
    [
        ("Ada King", "AK"),
        ("ada", "A"),
        ("Ada Augusta King", "AK"),
        ("王小明", "小明"),
        ("陳 美玲", "美玲"),
        ("Émile", "É"),
        ("", "?"),
        ("…", "?"),
        (None, "?"),
    ],
)
def test_initials_stand_for_a_name(name, letters):
    assert portal_ui.initials(name) == letters


def test_a_name_always_has_the_same_colour():
    assert portal_ui.avatar_hue("Ada King") == portal_ui.avatar_hue("Ada King")
    assert {portal_ui.avatar_hue(str(n)) for n in range(100)} == set(range(1, portal_ui.AVATAR_HUES + 1))


# Forms and slots


def test_a_refused_field_tells_what_is_wrong_and_how_to_mend_it():
    """WCAG 3.3.1, 4.1.2"""
    html = draw("{% field form.subject %}", form=ExampleForm({}))

    assert 'aria-invalid="true"' in html
    assert 'aria-describedby="id_subject_helptext id_subject_error"' in html
    assert 'id="id_subject_helptext"' in html
    assert 'id="id_subject_error"' in html
    assert '<label class="field-label" for="id_subject">Subject</label>' in html


def test_choices_are_a_group_with_a_legend():
    html = draw("{% field form.users %}", form=ExampleForm())

    assert html.count('type="radio"') == 2
    assert '<legend class="field-label">Users</legend>' in html


def test_only_optional_fields_say_so():
    form = ExampleForm()

    assert "optional" in draw("{% field form.note %}", form=form)
    assert "optional" not in draw("{% field form.subject %}", form=form)
    assert "optional" not in draw("{% field form.note no_optional=True %}", form=form)


def test_every_kind_of_field_keeps_a_label_for_each_control():
    form = ExampleForm()

    for bound in form.visible_fields():
        html = draw("{% field bound %}", bound=bound)
        for control in re.findall(r'<(?:input|select|textarea)[^>]* id="([^"]+)"', html):
            assert f'for="{control}"' in html


def test_a_field_shows_what_people_wrote_as_text():
    """P-7"""
    form = ExampleForm({"subject": '"><script>alert(1)</script>'})

    assert "<script>" not in draw("{% field form.subject %}", form=form)


def test_a_component_sees_its_parameters_and_nothing_else():
    html = draw("{% component 'card' title='T' %}<p>{{ seen }}</p>{% endcomponent %}", seen="in", icon="no-such-icon")

    assert "<p>in</p>" in html
    assert "<svg" not in html


def test_a_component_escapes_its_parameters():
    """P-7"""
    html = draw("{% component 'card' title=title %}{{ title }}{% endcomponent %}", title="<b>x</b>")

    assert "<b>" not in html


def test_a_component_with_a_form_carries_the_csrf_token(rf):
    source = "{% load portal_ui %}{% component 'confirm' label='Close' %}{% endcomponent %}"

    html = engines["django"].from_string(source).render({}, rf.get("/"))

    assert "csrfmiddlewaretoken" in html


def test_an_internal_note_says_what_it_is():
    html = draw("{% include 'components/bubble.html' with kind='note' author='Mei' at=at text='x' only %}", at=AT)

    assert "Internal note – not visible to the customer" in html


def test_no_commitment_shows_no_date_and_no_countdown():
    """SLA-6"""
    html = draw("{% include 'components/commitment.html' with state='none' zone='UTC' only %}")

    assert "No committed response time" in html
    assert "<time" not in html


@pytest.mark.parametrize("path", COMPONENTS, ids=lambda path: path.stem)
def test_a_component_obeys_the_content_security_policy(path):
    """P-7"""
    source = path.read_text()

    assert not re.search(r"\sstyle=|<style|\son[a-z]+=|<script(?![^>]* src=)|javascript:", source)


@pytest.mark.parametrize("path", COMPONENTS, ids=lambda path: path.stem)
def test_a_component_can_be_read_by_the_template_engine(path):
    assert isinstance(engines["django"].from_string(path.read_text()).template, Template)


@pytest.mark.parametrize("path", COMPONENTS, ids=lambda path: path.stem)
def test_a_component_is_explained_where_people_look_it_up(path):
    assert path.stem in PARTS_OF_THE_SHELL or f"`{path.stem}`" in GUIDE


# Error pages


@pytest.mark.parametrize("code", [400, 403, 404, 429, 500, 503])
def test_an_error_page_needs_no_context(code):
    template = engines["django"].get_template(f"{code}.html").template

    html = template.render(Context())

    assert str(code) in html
    assert "<h1" in html
    assert "Reference for support" not in html


@pytest.mark.parametrize("language", ["en", "zh-hant"])
def test_a_fault_shows_its_reference(language):
    with translation.override(language):
        html = engines["django"].get_template("500.html").render({"request_id": "4f1c2a99"})

    assert "<code>4f1c2a99</code>" in html
    assert f'lang="{language}"' in html
