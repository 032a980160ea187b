"""The form of all our mail, and mails to a person about their own account, which hang on no request.

The words of a notice stand once, in `templates/notices/NAME.txt`: subject, body, and what invites to follow its link.
They are drawn twice, as plain text and, with everything escaped, as HTML, and set into `frame.txt` and `frame.html`.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from email.utils import format_datetime
from typing import Any

from django.conf import settings
from django.core.mail import EmailMultiAlternatives
from django.db.models import Model
from django.template import Context
from django.template.base import Template
from django.template.loader import get_template
from django.utils import translation
from django.utils.html import format_html, linebreaks
from django.utils.safestring import SafeString, mark_safe

from accounts import families
from accounts.letters import account as account_letters
from accounts.letters import delegations as delegation_letters
from accounts.letters import domains as domain_letters
from accounts.letters import heads as head_letters
from accounts.letters import invitations as invitation_letters
from accounts.letters import people as people_letters
from accounts.letters import sign_on as sign_on_letters
from accounts.letters import terms as terms_letters
from accounts.letters import webhooks as webhook_letters
from accounts.letters.reading import Reading
from accounts.links import reset_link
from accounts.models import Delivery, Person, Urgency

SUBJECT_LIMIT = 250
BIDI = re.compile("[\u202a-\u202e\u2066-\u2069]")
NO_AUTO_REPLY = "OOF, AutoReply, DR, RN, NRN"  # to Exchange: no absence notes and receipts, but do say what bounced

FACTS: dict[str, Callable[[Person], dict[str, Any]]] = {
    "password_reset": lambda person: {"link": reset_link(person)},
    "password_changed": lambda person: {"link": f"{settings.PUBLIC_URL}/password/reset/"},
    "organisation_closed": lambda person: {"link": settings.PUBLIC_URL},
    "organisation_reopened": lambda person: {"link": settings.PUBLIC_URL},
    "single_sign_on": lambda person: {"link": f"{settings.PUBLIC_URL}/organisation/sign-in/"},
    "nobody_on_duty": lambda person: {"link": f"{settings.PUBLIC_URL}/staff/rota/"},
    **dict.fromkeys((*families.ABOUT_SECURITY, "new_browser"), account_letters.security_page),
}

# What depends on how things stand when a mail is sent; None: there is nothing to say any more, and no mail goes out.
# The portal shows many notices at once, so that what they are about is read together; what comes by mail only is not.
Facts = dict[str, Any] | None
Situations = Mapping[str, Callable[[Delivery, Reading], Facts]]
SITUATIONS: Situations = {
    **delegation_letters.SITUATIONS,
    "terms_changed": terms_letters.facts_of,
    "organisation_closed": terms_letters.facts_of_organisation,
    "organisation_reopened": terms_letters.facts_of_organisation,
    "webhook_switched_off": webhook_letters.facts_of,
}
MAILED: Mapping[str, Callable[[Delivery, Person], Facts]] = {
    **delegation_letters.MAILED,
    "domain_proof": domain_letters.facts_of,
    "audit_head": head_letters.facts_of,
    "mail_change_old": account_letters.link_to_confirm,
    "mail_change_new": account_letters.link_to_confirm,
    **dict.fromkeys(families.ABOUT_SECURITY, account_letters.as_recorded),
    "new_browser": account_letters.of_browser,
    "invited": invitation_letters.invited,
    "invited_elsewhere": invitation_letters.invited_elsewhere,
    "invitation_accepted": invitation_letters.accepted,
    "roles_changed": people_letters.roles_changed,
    "account_deactivated": people_letters.account_closed,
    "account_reactivated": people_letters.account_opened,
    "single_sign_on": sign_on_letters.facts_of,
}

# The only mail that does not go to the confirmed address of its person: it asks whoever runs a domain, whether a new
# address is theirs, and tells a former one that it is no longer.
MAILBOXES: dict[str, Callable[[Delivery], str]] = {
    "domain_proof": domain_letters.mailbox_of,
    "mail_change_new": account_letters.mailbox_of,
    "mail_changed": account_letters.mailbox_of,
}


class UserText(str):
    """Text that somebody wrote: as HTML escaped, and without sway over the direction of what stands beside it (P-7)."""

    __slots__ = ()

    def __html__(self) -> SafeString:
        return format_html("<bdi>{}</bdi>", str(self))


class Link(str):
    """An address of ours: as HTML a link."""

    __slots__ = ()

    def __html__(self) -> SafeString:
        return format_html('<a href="{0}">{0}</a>', str(self))


class Shown:
    """A row as templates see it: all its text, and that of the rows it leads to, is somebody's text."""

    def __init__(self, row: Model) -> None:
        self._row = row

    def __getattr__(self, name: str) -> Any:
        return shown(getattr(self._row, name))


def shown(value: Any) -> Any:
    """The value with its text marked as somebody's."""
    if isinstance(value, Model):
        return Shown(value)
    return UserText(value) if type(value) is str else value


@dataclass(frozen=True, slots=True)
class Words:
    """What a notice says: one line of subject, its body as text and as HTML, and the words before its link."""

    subject: str
    text: str
    html: SafeString
    invitation: str = ""


NOTHING = Words(subject="", text="", html=SafeString(""))


def words_of(notice: str, facts: Mapping[str, Any]) -> Words:
    """Draw the words of a notice in the active language."""
    template = get_template(f"notices/{notice}.txt").template  # type: ignore[attr-defined]  # of Django's own backend
    text = _draw(template, "body", facts).strip() + "\n"
    html = _draw(template, "body", facts, autoescape=True).strip()
    return Words(
        subject=one_line(_draw(template, "subject", facts)),
        text=text,
        html=mark_safe(linebreaks(mark_safe(html), autoescape=False)),  # noqa: S308 - drawn with escaping
        invitation=_draw(template, "invitation", facts).strip(),
    )


def _draw(template: Template, part: str, facts: Mapping[str, Any], *, autoescape: bool = False) -> str:
    return template.render(Context({**facts, "part": part}, autoescape=autoescape))


def one_line(text: str) -> str:
    """Text as a header may hold it: no line breaks, no control characters, nothing that turns the writing around."""
    line = " ".join(BIDI.sub("", text).split())
    return "".join(c for c in line if unicodedata.category(c) not in ("Cc", "Cs"))[:SUBJECT_LIMIT].strip()


@dataclass(frozen=True, slots=True)
class Surroundings:
    """What stands around the words: the link of the button, a quotation, the request it is about, further lines."""

    link: str
    quoted: str = ""
    about: str = ""
    number: str = ""
    entries: list[dict[str, Any]] = field(default_factory=list)
    more: int = 0
    by_choice: bool = True


def mail(
    delivery: Delivery, words: Words, *, person: Person, around: Surroundings, headers: Mapping[str, str]
) -> EmailMultiAlternatives:
    """The mail as text and as HTML, in the active language; a repeat keeps its Message-ID and date (P-2)."""
    mailbox = MAILBOXES[delivery.notice](delivery) if delivery.notice in MAILBOXES else ""
    facts = {
        "words": words,
        "around": around,
        "zone": person.timezone,
        "name": UserText(mailbox or one_line(person.name)),
        "title": UserText(words.subject.removeprefix(f"[{around.number}] ")),
        "about": UserText(one_line(around.about)),
        "quotation": "\n".join(f"> {line}".rstrip() for line in around.quoted.splitlines()),
        "label": words.invitation.rstrip(":： "),
        "preferences": f"{settings.PUBLIC_URL}/profile/#notices",
    }
    text = get_template("notices/frame.txt").template.render(Context(facts, autoescape=False))  # type: ignore[attr-defined]
    html = get_template("notices/frame.html").render(facts)
    message = EmailMultiAlternatives(
        words.subject,
        text.strip() + "\n",
        settings.DEFAULT_FROM_EMAIL,
        [mailbox or person.email],
        headers=_headers(delivery),
    )
    message.extra_headers.update(headers)
    message.attach_alternative(html, "text/html")
    return message


def _headers(delivery: Delivery) -> dict[str, str]:
    """Headers of every mail: machines shall neither answer it nor take a repeat for another one."""
    urgent = {"Importance": "high"} if delivery.urgency in (Urgency.CRITICAL, Urgency.URGENT) else {}
    return {
        "Message-ID": delivery.message_id,
        "Date": _rfc_5322(delivery.created_at),
        "Auto-Submitted": "auto-generated",
        "X-Auto-Response-Suppress": NO_AUTO_REPLY,
        "X-Notice": delivery.notice,
        **urgent,
    }


def _rfc_5322(instant: datetime) -> str:
    return format_datetime(instant.replace(microsecond=0))


def letter(delivery: Delivery, *, reading: Reading, situations: Situations = SITUATIONS) -> tuple[Words, str] | None:
    """The words of a notice that hangs on no request, and its link; None when nothing is left to say."""
    person = reading.person
    with translation.override(person.language):
        situation = _situation(delivery, reading, situations)
        if situation is None:
            return None
        around_us = {"zone": person.timezone, "at": delivery.created_at, "role": delivery.context.get("role", "")}
        facts = {**around_us, **(FACTS[delivery.notice](person) if delivery.notice in FACTS else {})}
        facts |= {name: shown(value) for name, value in situation.items()}
        link = str(facts["link"])
        return words_of(delivery.notice, {**facts, "person": Shown(person), "link": Link(link)}), link


def _situation(delivery: Delivery, reading: Reading, situations: Situations) -> Facts:
    if delivery.notice in situations:
        return situations[delivery.notice](delivery, reading)
    return MAILED[delivery.notice](delivery, reading.person) if delivery.notice in MAILED else {}


def compose(
    delivery: Delivery, *, person: Person, situations: Situations = SITUATIONS
) -> EmailMultiAlternatives | None:
    """The mail in the person's language, or None when nothing is left to say. Secret links come to be here."""
    found = letter(delivery, reading=Reading(person, [delivery]), situations=situations)
    if found is None:
        return None
    words, link = found
    with translation.override(person.language):
        return mail(delivery, words, person=person, around=Surroundings(link=link, by_choice=False), headers={})


def compose_to_address(delivery: Delivery) -> EmailMultiAlternatives | None:
    """The same to somebody who has no account, and whose address the row behind the delivery knows."""
    receiver = invitation_letters.receiver_of(delivery)
    return compose(delivery, person=receiver) if receiver else None
