"""After a restore nothing that may have happened already happens again, until an operator says so."""

from datetime import timedelta
from io import StringIO

import pytest
from django.core.management import CommandError, call_command

from accounts import clock
from accounts.models import Delivery, Event
from tests.tickets import making
from tickets.models import Commitment, DatabaseIdentity, Timer
from tickets.services import holding, relay
from tickets.services.closing import Ending, close_request
from tickets.services.sweeping import sweep
from tickets.verification import faults

MONTH = timedelta(days=30)
HOUR = timedelta(hours=1)
DUE = {"response", "untaken"}


@pytest.fixture
def past_request(admin):
    """An A that came due a month ago by the database's clock, when nobody swept; the portal knows this database."""
    holding.heed_restore()
    return making.filed(admin, now=clock.now() - MONTH)


def restore():
    """Make this database look like one that was restored from the backup of another."""
    DatabaseIdentity.objects.update(identity="1:2:3:00000001")


def promote():
    """Make it look like a standby that took over."""
    known = DatabaseIdentity.objects.get().identity
    DatabaseIdentity.objects.update(identity=known.rpartition(":")[0] + ":0000FFFF")


def states(rows):
    """The states of timers or deliveries."""
    return set(rows.values_list("state", flat=True))


def mails():
    """Deliveries by mail."""
    return Delivery.objects.filter(channel="mail")


def events(kind):
    """What was recorded of this kind."""
    return [event.data for event in Event.objects.filter(kind=kind)]


def released(*options):
    """What the command says."""
    said = StringIO()
    call_command("release_held", *options, stdout=said)
    return said.getvalue().strip()


def test_a_restored_database_fires_nothing_that_was_due_and_sends_nothing(past_request, mailoutbox):
    """P-2"""
    restore()

    assert sweep()["timers"] == 0
    assert relay.relay_deliveries() == 0

    assert states(Timer.objects.filter(kind__in=DUE, due_at__lt=clock.now())) == {"held"}
    assert states(mails()) == {"held"}
    assert mailoutbox == []
    [told] = events("held_after_restore")
    assert (told["timers"], told["deliveries"]) == (5, mails().count())
    assert not list(faults())


def test_the_relay_notices_a_restore_by_itself(past_request, mailoutbox):
    """P-2"""
    restore()

    assert relay.relay_deliveries() == 0

    assert states(mails()) == {"held"}
    assert mailoutbox == []


def test_what_is_due_later_fires_in_its_time(past_request, engineer):
    """P-3: the archiving of a request that was closed just now."""
    close_request(number=past_request.number, actor=engineer, ending=Ending("solved", "Done."))
    restore()
    sweep()

    assert Timer.objects.get(kind="archive").state == "waiting"


def test_a_new_database_is_adopted_without_a_word(admin):
    """Nothing has happened in it before."""
    making.filed(admin, now=clock.now() - MONTH)

    assert sweep()["timers"] > 0

    assert DatabaseIdentity.objects.count() == 1
    assert events("held_after_restore") == []


def test_a_restart_changes_nothing(past_request):
    """P-3: after a crash the backlog is worked off."""
    assert sweep()["timers"] > 0
    assert states(Timer.objects.filter(kind="response")) == {"fired"}


def test_what_the_database_cannot_show_is_held_by_hand(past_request):
    """P-2: a snapshot of the disk has the identity of its original."""
    assert released("--hold") == f"5 timers and {mails().count()} deliveries held."

    assert sweep()["timers"] == 0
    assert [told["cause"] for told in events("held_after_restore")] == ["by_hand"]


def test_a_promoted_standby_holds_unless_the_operator_trusts_it(past_request, settings):
    """P-2, P-3: with asynchronous replication it may lack the last seconds."""
    promote()
    settings.TRUST_FAILOVER = True
    assert sweep()["timers"] > 0

    promote()
    settings.TRUST_FAILOVER = False
    sweep()
    assert states(mails().filter(number=past_request.number)) == {"held"}


def test_trust_in_failover_does_not_extend_to_another_cluster(past_request, settings):
    """P-2"""
    settings.TRUST_FAILOVER = True
    restore()

    assert sweep()["timers"] == 0


def test_a_dry_run_counts_and_changes_nothing(past_request):
    restore()
    sweep()

    said = released("--dry-run")

    assert said == f"5 timers and {mails().count()} deliveries held; nothing was changed (--dry-run)."
    assert states(mails()) == {"held"}


def test_what_is_released_goes_out_once_and_is_dated_at_its_deadline(past_request, mailoutbox):
    """P-2, P-3"""
    restore()
    sweep()
    released()

    sweep()
    while relay.relay_deliveries():
        pass
    sweep()

    commitment = Commitment.objects.get()
    assert commitment.breached_at == commitment.due_at
    assert states(mails()) == {"sent"}
    assert len(mailoutbox) == mails().count()
    assert events("held_released")[0]["timers"] == 5
    assert not list(faults())


def test_what_is_dropped_is_on_record_and_nobody_is_told(past_request, engineer, mailoutbox):
    """P-2, P-3: the breach is recorded, its notices are cancelled."""
    restore()
    sweep()

    released("--drop")
    sweep()
    relay.relay_deliveries()

    commitment = Commitment.objects.get()
    assert commitment.breached_at == commitment.due_at
    assert states(Timer.objects.filter(kind="response")) == {"fired"}
    assert states(mails()) == {"cancelled"}
    assert mailoutbox == []
    assert events("held_dropped")[0]["timers"] == 5
    assert not list(faults())


def test_one_part_can_be_released_and_what_is_younger_stays(past_request):
    restore()
    sweep()

    assert released("--timers", "--before", "2001-01-01T00:00:00Z").startswith("0 timers and 0 deliveries")
    assert released("--timers").startswith("5 timers and 0 deliveries")
    assert states(mails()) == {"held"}


def test_an_instant_without_an_offset_is_refused():
    with pytest.raises(CommandError, match="offset"):
        released("--before", "2026-11-23T08:00:00")


def test_a_server_that_hides_its_identity_is_told_apart_by_its_objects(past_request, monkeypatch):
    """P-3: sweeps go on where a hosted server keeps pg_control_system to itself."""
    monkeypatch.setattr(holding, "WHOLE", "(SELECT system_identifier FROM pg_control_system_of_others())")
    holding._identity.cache_clear()
    holding.adopt()

    assert sweep()["timers"] > 0
    DatabaseIdentity.objects.update(identity="1:2:")
    relay.relay_deliveries()
    assert [told["cause"] for told in events("held_after_restore")] == ["restored"]
    holding._identity.cache_clear()


def test_what_pages_write_after_a_web_server_began_is_not_held(past_request, admin, mailoutbox):
    """P-2, P-9: nobody has swept yet."""
    restore()
    holding.heed_restore_early()
    written = making.filed(admin)
    sweep()

    assert states(mails().filter(number=past_request.number)) == {"held"}
    assert states(mails().filter(number=written.number)) == {"pending"}


def test_a_database_that_is_away_does_not_keep_a_web_server_from_beginning(monkeypatch, db):
    """P-9"""
    monkeypatch.setattr(holding, "LOOK", "SELECT 1 / 0, {}")

    holding.heed_restore_early()


def test_an_answer_settles_what_is_held(past_request, engineer):
    """P-3: released later, it must not warn of a promise that has ended."""
    restore()
    sweep()

    close_request(number=past_request.number, actor=engineer, ending=Ending("solved", "Done."))
    released()
    sweep()

    kept = Timer.objects.filter(kind__in=DUE).exclude(state="cancelled")
    assert set(kept.values_list("step", "state")) == {("100", "fired")}
    assert not list(faults())
