"""Telling: every step of every run in one order of time, each done by its service at its instant."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import replace
from datetime import datetime, timedelta
from itertools import chain
from random import Random

from django.db import connection

from accounts.audit import without_nudges
from accounts.services.notices import read_notices
from tickets.demo.disputes import words_of
from tickets.demo.hours import DAY, HOUR, MINUTE, in_business
from tickets.demo.opinions import opinion_of, opinion_steps
from tickets.demo.scripts import Act, Run, Step
from tickets.demo.surroundings import World
from tickets.demo.wording import file_about, reason_for, sorting_note
from tickets.filing import Filing
from tickets.lifecycle import Resolution
from tickets.models import ServiceRequest, Timer, TimerState
from tickets.selectors.timers import GRACE
from tickets.services import assignment, closing, conversation
from tickets.services.attachments import attach_file
from tickets.services.closing import Ending
from tickets.services.corrections import Particulars, correct_request
from tickets.services.disputes import decline_dispute, dispute_severity
from tickets.services.filing import file_request
from tickets.services.firing import fire_due_timers
from tickets.services.severity import change_severity
from tickets.services.surveys import answer_survey

SWEPT_AFTER = GRACE + timedelta(seconds=1)  # how long after its instant a timer fires, as in a portal that runs
UNPLANNED = (Act.ATTACH, Act.NOTE, Act.RATE, Act.READ)  # what plans no timers
READ_AGO = ((28, 24), (12, 10), (3.5, 2))  # days: at some time in each of these everybody reads their notices
READ_TODAY_SHARE = 0.6
RAISED = {"C": "B", "B": "A"}
MISTAKEN = {"technical.advisory": "technical.configuration", "technical.install_setup": "technical.configuration"}
MISTAKEN_SHARE = 0.2  # of the admins take a question, or a set-up, for something that does not work

Report = Callable[[int, int], None]  # how many steps are done, of how many


def reading_steps(world: World, rng: Random, *, now: datetime) -> Iterator[Step]:
    """When people look at their notices; what comes after the last time stays unread."""
    for member in world.everybody():
        days = [rng.uniform(*ago) for ago in READ_AGO]
        if rng.random() < READ_TODAY_SHARE:
            days.append(rng.uniform(0.05, 1))
        if member.actor.roles:
            yield from (Step(now - DAY * ago, Act.READ, member) for ago in days)


def tell(runs: Sequence[Run], beside: Iterator[Step], *, now: datetime, report: Report) -> None:
    """Do all steps up to `now`, and at their instants the timers that come due between them (P-3, P-4)."""
    steps = sorted(
        (step for step in chain(beside, opinion_steps(runs), *(run.steps for run in runs)) if step.at <= now),
        key=lambda step: (step.at, step.run.index if step.run else -1),
    )
    teller = Teller()
    with without_nudges(), unflushed():
        for done, step in enumerate(steps, start=1):
            teller.do(step)
            report(done, len(steps))
        teller.clockwork.run_until(now)


@contextmanager
def unflushed() -> Iterator[None]:
    """Commit inside without waiting for the disk; the next usual commit flushes everything before it.

    Each act is a transaction of its own, as in life. A machine that fails meanwhile loses a draft that nobody has seen.
    """
    with connection.cursor() as cursor:
        cursor.execute("SET synchronous_commit TO off")
        try:
            yield
        finally:
            cursor.execute("RESET synchronous_commit")


class Clockwork:
    """Fires what is due between the steps, each timer shortly after its instant."""

    def __init__(self) -> None:
        self._next: datetime | None = None

    def run_until(self, now: datetime) -> None:
        """Let the time come to `now`."""
        while self._next and self._next <= now:
            fire_due_timers(now=self._next)
            self.look()

    def look(self) -> None:
        """See when the next timer is due; needed after every act that plans one, for those that cancel do no harm."""
        waiting = Timer.objects.filter(state=TimerState.WAITING).order_by("next_attempt_at", "id")
        due_at = waiting.values_list("next_attempt_at", flat=True).first()
        self._next = due_at and due_at + SWEPT_AFTER


class Teller:
    """Does steps; remembers which number each run was given."""

    def __init__(self) -> None:
        self.clockwork = Clockwork()
        self._numbers: dict[Run, str] = {}
        self._services: dict[Act, Callable[[Step, Run], object]] = {
            Act.FILE: self._file,
            Act.ATTACH: self._attach,
            Act.TAKE: self._take,
            Act.ASSIGN: self._assign,
            Act.RELEASE: self._release,
            Act.TRIAGE: self._triage,
            Act.DISPUTE: self._dispute,
            Act.DECLINE: self._decline,
            Act.REPLY: self._reply,
            Act.ASK: self._ask,
            Act.CALL: self._call,
            Act.NOTE: self._note,
            Act.WRITE: self._write,
            Act.CLOSE: self._close,
            Act.LAPSE: self._lapse,
            Act.WITHDRAW: self._withdraw,
            Act.THANK: self._thank,
            Act.REOPEN: self._reopen,
            Act.RATE: self._rate,
        }

    def do(self, step: Step) -> None:
        """Let time pass until the step, and do it."""
        self.clockwork.run_until(step.at)
        if step.run is None:
            read_notices(person_id=step.by.person.pk, now=step.at)
        else:
            self._services[step.act](step, step.run)
        if step.act not in UNPLANNED:
            self.clockwork.look()

    def _file(self, step: Step, run: Run) -> None:
        filing = self._filled_in(run, at=step.at)
        self._numbers[run] = file_request(actor=step.by.actor, filing=filing, now=step.at).number

    def _filled_in(self, run: Run, *, at: datetime) -> Filing:
        """The form as it is filled in at an instant: with what depends on the hour, and on earlier requests."""
        story, rng = run.story.filed_at(at, run.house.zone), run.chance("filing")
        contact = run.filing.contact
        if contact.method == "callback":
            contact = replace(contact, callback_at=in_business(run.house, at + HOUR * rng.randint(2, 6), rng))
        missorted = story.category in MISTAKEN and run.chance("category").random() < MISTAKEN_SHARE
        filing = run.filing
        if missorted and not run.followed:
            filing = replace(filing, category=MISTAKEN[story.category], topic="")
        began_ago = MINUTE * rng.uniform(8, 50) if story.is_critical else HOUR * rng.uniform(1, 30)
        return replace(
            filing,
            subject=story.subject,
            description=story.description,
            contact=contact,
            problem_started_at=at - began_ago if run.terms.kind == "technical" else None,
            follow_up_of=self._numbers[run.followed] if run.followed else "",
        )

    def _attach(self, step: Step, run: Run) -> None:
        upload = file_about(run.story.service, email=step.by.person.email)
        attach_file(number=self._numbers[run], actor=step.by.actor, upload=upload, now=step.at)

    def _take(self, step: Step, run: Run) -> None:
        assignment.take_request(number=self._numbers[run], actor=step.by.actor, now=step.at)

    def _assign(self, step: Step, run: Run) -> None:
        assert step.to
        assignee_id = step.to.person.pk
        number = self._numbers[run]
        assignment.assign_request(number=number, actor=step.by.actor, assignee_id=assignee_id, now=step.at)

    def _release(self, step: Step, run: Run) -> None:
        assignment.release_request(number=self._numbers[run], actor=step.by.actor, now=step.at)

    def _triage(self, step: Step, run: Run) -> None:
        """Look at how the request is sorted and how grave it is, and put right what is not."""
        self._sort(step, run)
        self._judge(step, run)

    def _sort(self, step: Step, run: Run) -> None:
        """Correct the category that was chosen wrongly, and a scope that the engine misread (SE-1, SC-6).

        Whoever closes a request as out of scope names the referral then.
        """
        number, story, end = self._numbers[run], run.story, run.story.end
        stands = ServiceRequest.objects.only("scope", "category").get(number=number)
        right = Particulars()
        if stands.category != story.category:
            right = Particulars(category=story.category, topic=story.topic)
        if stands.scope != "in_scope" and end.kind != Resolution.OUT_OF_SCOPE:
            right["scope"] = "in_scope"
        if right:
            note = sorting_note(right, language=story.language)
            correct_request(number=number, actor=step.by.actor, particulars=right, note=note, now=step.at)

    def _judge(self, step: Step, run: Run) -> None:
        """Confirm the severity, or correct it, where the engine and the story differ (SE-5)."""
        number, wanted = self._numbers[run], run.story.severity
        stands = ServiceRequest.objects.only("severity", "needs_confirmation").get(number=number)
        if stands.severity == wanted and not stands.needs_confirmation:
            return
        language, rng = run.story.language, run.chance("reason")
        reason = reason_for(before=stands.severity, after=wanted, language=language, rng=rng)
        change_severity(number=number, actor=step.by.actor, severity=wanted, reason=reason, now=step.at)

    def _dispute(self, step: Step, run: Run) -> None:
        """Ask for the next higher severity, where there is one."""
        number, statement = self._numbers[run], words_of(run).statement
        severity = RAISED.get(ServiceRequest.objects.only("severity").get(number=number).severity)
        if severity:
            dispute_severity(number=number, actor=step.by.actor, severity=severity, statement=statement, now=step.at)

    def _decline(self, step: Step, run: Run) -> None:
        """Leave the severity as it is, unless the dispute was settled otherwise."""
        number, reason = self._numbers[run], words_of(run).declined
        if ServiceRequest.objects.filter(number=number, dispute_due_at__isnull=False).exists():
            decline_dispute(number=number, actor=step.by.actor, reason=reason, now=step.at)

    def _reply(self, step: Step, run: Run) -> None:
        conversation.reply_publicly(number=self._numbers[run], actor=step.by.actor, body=step.text, now=step.at)

    def _ask(self, step: Step, run: Run) -> None:
        conversation.ask_customer(number=self._numbers[run], actor=step.by.actor, body=step.text, now=step.at)

    def _call(self, step: Step, run: Run) -> None:
        conversation.log_call(number=self._numbers[run], actor=step.by.actor, body=step.text, now=step.at)

    def _note(self, step: Step, run: Run) -> None:
        conversation.add_internal_note(number=self._numbers[run], actor=step.by.actor, body=step.text, now=step.at)

    def _write(self, step: Step, run: Run) -> None:
        conversation.add_customer_message(number=self._numbers[run], actor=step.by.actor, body=step.text, now=step.at)

    def _close(self, step: Step, run: Run) -> None:
        end = run.story.end
        ending = Ending(
            resolution=Resolution.SOLVED if end.kind == "reopened" else end.kind,
            message=step.text,
            referral=end.referral,
            duplicate_of=self._numbers[run.original] if run.original else "",
        )
        closing.close_request(number=self._numbers[run], actor=step.by.actor, ending=ending, now=step.at)

    def _lapse(self, step: Step, run: Run) -> None:
        """The portal has just closed it by itself: the time that passed until this step did so."""

    def _withdraw(self, step: Step, run: Run) -> None:
        ending = Ending(Resolution.WITHDRAWN, step.text)
        closing.close_request(number=self._numbers[run], actor=step.by.actor, ending=ending, now=step.at)

    def _thank(self, step: Step, run: Run) -> None:
        closing.close_request(
            number=self._numbers[run], actor=step.by.actor, ending=Ending(Resolution.SOLVED), now=step.at
        )

    def _reopen(self, step: Step, run: Run) -> None:
        closing.reopen_request(number=self._numbers[run], actor=step.by.actor, reason=step.text, now=step.at)

    def _rate(self, step: Step, run: Run) -> None:
        answer_survey(number=self._numbers[run], actor=step.by.actor, opinion=opinion_of(run), now=step.at)
