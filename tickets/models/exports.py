"""Exports: a job that writes a file, and the file that it wrote."""

from django.conf import settings
from django.db import models
from django.db.models import Q

from accounts.models import Organisation

PERSON = settings.AUTH_USER_MODEL


class ExportKind(models.TextChoices):
    """What an export holds."""

    REQUESTS = "requests"
    COMMITMENTS = "commitments"
    EVENTS = "events"


class ExportFormat(models.TextChoices):
    """How it is written."""

    CSV = "csv"
    NDJSON = "ndjson"


class ExportState(models.TextChoices):
    """How far it has come; `expired` follows from `expires_at`, swept or not (P-4)."""

    QUEUED = "queued"
    RUNNING = "running"
    READY = "ready"
    FAILED = "failed"
    CANCELLED = "cancelled"
    EXPIRED = "expired"


UNDER_WAY = (ExportState.QUEUED, ExportState.RUNNING)


class Export(models.Model):
    """One export, for whoever asked for it and nobody else; without an organisation it is the desk's.

    The row is the job. `run_at` is when somebody looks next: a worker that holds it has until then. `place` is behind
    the last request that is in the file, whose first `size` bytes count; all three move together, in one update that
    succeeds for the present `run` alone. `reach` is what the asker could read when the file began (P-6).
    """

    organisation = models.ForeignKey(Organisation, null=True, blank=True, on_delete=models.PROTECT, related_name="+")
    requested_by = models.ForeignKey(PERSON, on_delete=models.CASCADE, related_name="+", db_index=False)
    on_behalf_of = models.ForeignKey(Organisation, null=True, blank=True, on_delete=models.PROTECT, related_name="+")
    kind = models.CharField(max_length=12, choices=ExportKind)
    file_format = models.CharField(max_length=8, choices=ExportFormat)
    language = models.CharField(max_length=20, help_text="of headings and words, BCP 47")
    byte_order_mark = models.BooleanField(help_text="in front of a CSV file, for spreadsheets")
    filters = models.JSONField(default=dict, help_text="as the API names them")
    internal = models.BooleanField(help_text="holds what is for support staff only")
    reach = models.JSONField(default=dict)
    notify = models.BooleanField(default=True)

    state = models.CharField(max_length=10, choices=ExportState, default=ExportState.QUEUED)
    failure = models.CharField(max_length=20, blank=True, help_text="why it failed or was cancelled")
    asked_at = models.DateTimeField()
    began_at = models.DateTimeField(null=True, blank=True)
    settled_at = models.DateTimeField(null=True, blank=True)
    expires_at = models.DateTimeField(null=True, blank=True)

    total = models.PositiveBigIntegerField(null=True, blank=True, help_text="requests to go through, counted once")
    passed = models.PositiveBigIntegerField(default=0, help_text="requests gone through")
    rows = models.PositiveBigIntegerField(default=0)
    size = models.PositiveBigIntegerField(default=0, help_text="bytes")
    place = models.JSONField(null=True, blank=True)
    key = models.CharField(max_length=64, blank=True, help_text="the file's random name on disk")
    sha256 = models.CharField(max_length=64, blank=True)

    run = models.PositiveIntegerField(default=0, help_text="how often it was taken up: who took it up before is out")
    held = models.BooleanField(default=False, help_text="a worker has it; past run_at, one that has gone")
    attempts = models.PositiveSmallIntegerField(default=0, help_text="since something was last written")
    run_at = models.DateTimeField(null=True, blank=True)
    version = models.PositiveIntegerField(default=1)

    class Meta:
        constraints = [
            models.CheckConstraint(
                condition=Q(state__in=UNDER_WAY, run_at__isnull=False, settled_at=None)
                | (~Q(state__in=UNDER_WAY) & Q(run_at=None, settled_at__isnull=False, held=False)),
                name="an_export_under_way_is_looked_at",
            ),
            models.CheckConstraint(
                condition=(Q(state="ready", expires_at__isnull=False) & ~Q(key="") & ~Q(sha256=""))
                | Q(state__in=UNDER_WAY)
                | (~Q(state="ready") & Q(key="")),
                name="an_export_that_is_over_has_no_file",
            ),
            models.UniqueConstraint(fields=["key"], condition=~Q(key=""), name="a_file_of_one_export"),
        ]
        indexes = [
            models.Index(fields=["requested_by", "-id"], name="exports_of_person"),
            models.Index(fields=["run_at", "id"], condition=Q(run_at__isnull=False), name="exports_to_run"),
            models.Index(fields=["expires_at"], condition=Q(state="ready"), name="exports_to_expire"),
            models.Index(fields=["settled_at"], condition=Q(settled_at__isnull=False), name="exports_settled"),
            models.Index(fields=["organisation"], include=["size"], condition=~Q(key=""), name="export_room"),
        ]

    def __str__(self) -> str:
        return f"{self.pk} {self.kind} {self.state}"
