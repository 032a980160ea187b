"""What the support staff keep for themselves: the rota, a policy draft, and failures to look after."""

from __future__ import annotations

from datetime import timedelta

from accounts.models import Delivery, DutyPattern
from accounts.rota.duty_time import Span
from accounts.services.rota import add_shift
from tests import factories
from tests.door.worlds import INTERNAL, Tenant, World
from tickets.models import Timer
from tickets.services import tags
from tickets.services.policies import review_draft, start_draft

ORDER = 30


def prepare(world: World) -> None:
    """A shift, a weekly duty and a draft."""
    lead = factories.actor(world.staff["lead"])
    begins = world.now + timedelta(days=3)
    shift = add_shift(
        role="duty_manager",
        team="",
        person_id=world.staff["manager"].pk,
        span=Span(begins, begins + timedelta(hours=4)),
        actor=lead,
    )
    weekly = DutyPattern.objects.create(
        role="duty_manager",
        person=world.staff["manager"],
        timezone="UTC",
        weekdays=[0],
        starts="09:00",
        ends="10:00",
        first_day=world.now.date(),
    )
    draft = start_draft(actor=lead, name="Faster", version=1)
    review_draft(actor=lead, draft_id=draft.pk, version=1)
    tag, idle = (tags.add_tag(name=name, actor=lead) for name in ("Of the matrix", "Of nothing"))
    behind = factories.make_staff("duty_manager", name="Another manager")
    world.common |= {
        "article": "verify-your-domain",
        "shift": shift.pk,
        "pattern": weekly.pk,
        "draft": draft.pk,
        "tag": tag.pk,
        "tag_name": tag.name,
        "idle_tag": idle.pk,
        "other_manager": behind.pk,
    }
    local = "%Y-%m-%dT%H:%M"
    world.common |= {"shift_starts": shift.starts_at.strftime(local), "shift_ends": shift.ends_at.strftime(local)}
    world.common |= {"new_slug": "of-the-matrix", "account_manager": world.staff["account_manager"].pk}
    world.common |= {"manager": world.staff["manager"].pk, "colleague": world.staff["colleague"].pk}
    world.common |= {"an_account_manager": world.staff["account_manager"].pk}


def furnish(world: World, tenant: Tenant) -> None:
    """A timer and a mail of this tenant that failed."""
    number = tenant.ids["open"].value
    timer = Timer.objects.filter(request__number=number, state="waiting").order_by("pk").last()
    Timer.objects.filter(pk=timer.pk).update(
        state="failed", settled_at=world.now, attempts=8, cause="ZeroDivisionError"
    )
    mail = Delivery.objects.filter(number=number, channel="mail").order_by("pk").first()
    Delivery.objects.filter(pk=mail.pk).update(state="failed", attempts=3, last_error="SMTPDataError 554")
    tenant.knows("failed_timer", timer.pk, INTERNAL)
    tenant.knows("failed_delivery", mail.pk, INTERNAL)
