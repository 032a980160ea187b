"""Changing a mail address: asked for by its owner, confirmed from both addresses, and then done at once.

No answer tells whether somebody else has the new address: its owner is told instead, and the change stays open until
it expires. The secrets of the links come to be when the mails are sent (accounts.links), and are kept as digests.

A present address that was never confirmed is not asked. Nobody has shown that it is theirs, so that no mail goes there:
to wait for it would keep its owner from ever changing it, and to believe it would let whoever reads a mistyped mailbox
decide. What stands in its place is what the page has asked for just before (password and second factor); the new
address has to confirm all the same, and may be the present one. It is told nothing afterwards, either.
"""

from __future__ import annotations

from datetime import datetime, timedelta

from django.db import IntegrityError, transaction

from accounts import clock
from accounts.actors import Actor
from accounts.audit import About, Notice, record_event, send_notice
from accounts.errors import MailChangeOver
from accounts.links import digest_of
from accounts.models import Event, MailChange, MailChangeLink, Person
from accounts.pseudonyms import pseudonym
from accounts.signing_in import attempts
from accounts.signing_in.attempts import Limit
from accounts.transactions import service

CONFIRM_WITHIN = timedelta(hours=72)  # RELIABILITY.md, links in mail, as for an invitation
WISHES, WISHES_WITHIN = 3, timedelta(hours=1)  # of a person, and to an address: nobody is written to more often
KEPT_FOR = timedelta(days=30)


def request_mail_change(*, person: Person, email: str) -> None:
    """Send a link to both addresses. Raises TooMany after three wishes of this person, or for this address, an hour."""
    attempts.begin(
        [
            Limit(f"mail_change:of:{person.pk}", WISHES, WISHES_WITHIN),
            Limit(f"mail_change:to:{pseudonym(email)}", WISHES, WISHES_WITHIN),
        ]
    )
    _open(person_id=person.pk, email=email)


@service
def _open(*, person_id: int, email: str, now: datetime | None = None) -> None:
    assert now
    person = _locked(person_id)
    MailChange.objects.filter(person=person, ended_at=None).update(ended_at=now)
    change = MailChange.objects.create(
        person=person,
        old_email=person.email,
        new_email=email,
        requested_at=now,
        expires_at=now + CONFIRM_WITHIN,
        asks_old=person.email_confirmed_at is not None,
        old_confirmed_at=None if person.email_confirmed_at else now,
    )
    event = _record("mail_change_requested", change, now=now)
    if person.email_confirmed_at:
        _tell(event, change, "mail_change_old")
    owner = Person.objects.filter(email=email).exclude(pk=person.pk).first()
    if owner is None:
        _tell(event, change, "mail_change_new", elsewhere="new")
    else:
        about = About(organisation_id=owner.organisation_id)
        send_notice(event, Notice("mail_change_taken", [owner], mail_only=True), about=about)


@service
def cancel_mail_change(*, person_id: int, now: datetime | None = None) -> bool:
    """Give up the open change, if there is one; return whether there was."""
    assert now
    _locked(person_id)
    change = MailChange.objects.filter(person=person_id, ended_at=None).select_related("person").first()
    if change is None:
        return False
    _end(change, now=now)
    _record("mail_change_cancelled", change, now=now)
    return True


@service
def confirm_mail_change(*, key: str, now: datetime | None = None) -> MailChange:
    """Confirm one side by the secret of its mail; with the second the address is changed. Raises MailChangeOver."""
    assert now
    link = MailChangeLink.objects.filter(digest=digest_of(key)).select_related("change").first()
    if link is None:
        raise MailChangeOver
    person = _locked(link.change.person_id)
    change = MailChange.objects.select_related("person").get(pk=link.change_id)
    lapsed = not change.asks_old and person.email_confirmed_at  # confirmed since, so that it has a say again
    if lapsed or not is_open(change, now=now) or not person.is_active or person.email != change.old_email:
        raise MailChangeOver
    if getattr(change, f"{link.side}_confirmed_at") is None:
        setattr(change, f"{link.side}_confirmed_at", now)
        change.save(update_fields=[f"{link.side}_confirmed_at"])
        _record("mail_change_confirmed", change, now=now, side=link.side)
    if change.old_confirmed_at and change.new_confirmed_at:
        _change(person, change, now=now)
    return change


def is_open(change: MailChange, *, now: datetime) -> bool:
    """Whether a change can still be confirmed: until its very last instant."""
    return change.ended_at is None and now <= change.expires_at


def open_change(person: Person, *, now: datetime) -> MailChange | None:
    """The person's change that waits for confirmations."""
    return MailChange.objects.filter(person=person, ended_at=None, expires_at__gte=now).first()


def linked_change(key: str) -> MailChangeLink | None:
    """The change behind the secret of a mail, whatever became of it."""
    return MailChangeLink.objects.filter(digest=digest_of(key)).select_related("change__person").first()


def purge() -> int:
    """Delete wishes of long ago, which hold addresses that are no longer anybody's business."""
    old = MailChange.objects.filter(requested_at__lt=clock.now() - KEPT_FOR)
    deleted, _ = old.delete()
    return deleted


def _change(person: Person, change: MailChange, *, now: datetime) -> None:
    person.email, person.email_confirmed_at = change.new_email, now
    try:
        with transaction.atomic():
            person.save(update_fields=["email", "email_confirmed_at"])
    except IntegrityError:  # somebody has taken the address since
        _end(change, now=now)
        _record("mail_change_cancelled", change, now=now)
        return
    change.done_at = now
    _end(change, now=now)
    if change.new_email == change.old_email:
        _record("mail_address_confirmed", change, now=now)
        return
    event = _record("mail_changed", change, now=now)
    _tell(event, change, "mail_changed")
    if change.asks_old:
        _tell(event, change, "mail_changed", elsewhere="old")


def _end(change: MailChange, *, now: datetime) -> None:
    change.ended_at = now
    change.save(update_fields=["done_at", "ended_at"])


def _locked(person_id: int) -> Person:
    """The person; their row is the lock for their changes."""
    return Person.objects.select_for_update(no_key=True).get(pk=person_id)


def _record(kind: str, change: MailChange, *, now: datetime, side: str = "") -> Event:
    about = About(organisation_id=change.person.organisation_id)
    data = {"change": change.pk, **({"side": side} if side else {})}
    return record_event(kind, about=about, at=now, actor=Actor(person_id=change.person_id), data=data)


def _tell(event: Event, change: MailChange, notice: str, *, elsewhere: str = "") -> None:
    """To the person's own address, or `elsewhere`: to the old or the new one that the change names."""
    destination = f"mail_change:{change.pk}:{elsewhere}" if elsewhere else ""
    letter = Notice(notice, [change.person], context={"change": change.pk}, mail_only=True, destination=destination)
    send_notice(event, letter, about=About(organisation_id=change.person.organisation_id))
