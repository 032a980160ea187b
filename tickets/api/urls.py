"""Addresses of this app's operations, below /api/v1/."""

from django.urls import path, register_converter
from django.urls.converters import StringConverter

from tickets.api.views import (
    acts,
    audit,
    bulk,
    catalogue,
    conversation,
    corrections,
    disputes,
    engagements,
    exports,
    hanging,
    inbox,
    incidents,
    operations,
    orientation,
    policies,
    policy_drafts,
    reports,
    requests,
    tags,
    webhooks,
)


class NumberConverter(StringConverter):
    """The number of a request, in plain digits."""

    regex = "SR-[0-9]{9}"


class EngagementConverter(StringConverter):
    """The number of an engagement, in plain digits."""

    regex = "EN-[0-9]{9}"


register_converter(NumberConverter, "request_number")


class IncidentConverter(StringConverter):
    """The number of an incident, in plain digits."""

    regex = "INC-[0-9]{4}-[0-9]{5}"


register_converter(EngagementConverter, "engagement_number")
register_converter(IncidentConverter, "incident_number")

ENGAGEMENT = "engagements/<engagement_number:number>/"
DELIVERY = "operations/deliveries/<int:delivery_id>/"
INCIDENT = "incidents/<incident_number:number>/"
ONE = "service-requests/<request_number:number>/"
POLICY_DRAFT = "policies/drafts/<int:draft_id>/"
WEBHOOK = "webhooks/<int:endpoint_id>/"
WEBHOOK_DELIVERY = f"{WEBHOOK}deliveries/<int:delivery_id>/"

urlpatterns = [
    path("service-requests/", requests.ServiceRequestsView.as_view(), name="api-requests"),
    path("service-requests/preview/", requests.ServiceRequestPreviewView.as_view(), name="api-preview"),
    path("service-requests/bulk/", bulk.BulkView.as_view(), name="api-bulk"),
    path(ONE, requests.ServiceRequestView.as_view(), name="api-request"),
    path(f"{ONE}messages/", conversation.MessagesView.as_view(), name="api-messages"),
    path(f"{ONE}attachments/", conversation.AttachmentsView.as_view(), name="api-attachments"),
    path(f"{ONE}attachments/<int:attachment_id>/", conversation.AttachmentView.as_view(), name="api-attachment"),
    path(
        f"{ONE}attachments/<int:attachment_id>/preview/",
        conversation.PreviewView.as_view(),
        name="api-attachment-preview",
    ),
    path(f"{ONE}events/", conversation.EventsView.as_view(), name="api-events"),
    path(f"{ONE}timers/", conversation.TimersView.as_view(), name="api-timers"),
    path(f"{ONE}notices/", conversation.NoticesView.as_view(), name="api-request-notices"),
    path(f"{ONE}commitments/", conversation.CommitmentsView.as_view(), name="api-commitments"),
    path(f"{ONE}close/", acts.CloseView.as_view(), name="api-close"),
    path(f"{ONE}reopen/", acts.ReopenView.as_view(), name="api-reopen"),
    path(f"{ONE}severity/", acts.SeverityView.as_view(), name="api-severity"),
    path(f"{ONE}dispute/", disputes.DisputeView.as_view(), name="api-dispute"),
    path(f"{ONE}dispute/settle/", disputes.SettleDisputeView.as_view(), name="api-dispute-settle"),
    path(f"{ONE}corrections/", corrections.CorrectionsView.as_view(), name="api-corrections"),
    path(f"{ONE}tags/", tags.TaggingView.as_view(), name="api-tagging"),
    path(f"{ONE}survey/", hanging.SurveyView.as_view(), name="api-survey"),
    path(f"{ONE}escalate/", hanging.EscalateView.as_view(), name="api-escalate"),
    path(f"{ONE}translator/", hanging.TranslatorView.as_view(), name="api-translator"),
    path(f"{ONE}translator/arrange/", hanging.ArrangeTranslatorView.as_view(), name="api-translator-arrange"),
    path(f"{ONE}translator/settle/", hanging.SettleTranslatorView.as_view(), name="api-translator-settle"),
    path(f"{ONE}assign/", acts.AssignView.as_view(), name="api-assign"),
    path(f"{ONE}incident/", incidents.RequestIncidentView.as_view(), name="api-request-incident"),
    path(f"{ONE}follow-up/", acts.FollowUpView.as_view(), name="api-follow-up"),
    path("queue/", requests.QueueView.as_view(), name="api-queue"),
    path("queue/next/", requests.NextView.as_view(), name="api-queue-next"),
    path("severity-levels/", orientation.SeverityLevelsView.as_view(), name="api-severity-levels"),
    path("support-hours/", orientation.SupportHoursView.as_view(), name="api-support-hours"),
    path("commitments/preview/", orientation.CommitmentPreviewView.as_view(), name="api-commitment-preview"),
    path("catalogue/", catalogue.CatalogueView.as_view(), name="api-catalogue"),
    path("me/inbox/", inbox.InboxView.as_view(), name="api-inbox"),
    path("me/inbox/read/", inbox.ReadInboxView.as_view(), name="api-inbox-read"),
    path("tags/", tags.TagsApiView.as_view(), name="api-tags"),
    path("tags/<int:tag_id>/", tags.TagApiView.as_view(), name="api-tag"),
    path("engagements/", engagements.EngagementsApiView.as_view(), name="api-engagements"),
    path(ENGAGEMENT, engagements.EngagementOneApiView.as_view(), name="api-engagement"),
    path(f"{ENGAGEMENT}entries/", engagements.EntriesApiView.as_view(), name="api-engagement-entries"),
    path(f"{ENGAGEMENT}requests/", engagements.LinkedApiView.as_view(), name="api-engagement-requests"),
    path(f"{ENGAGEMENT}plan/", engagements.PlanApiView.as_view(), name="api-engagement-plan"),
    path(f"{ENGAGEMENT}begin/", engagements.BeginApiView.as_view(), name="api-engagement-begin"),
    path(f"{ENGAGEMENT}complete/", engagements.CompleteApiView.as_view(), name="api-engagement-complete"),
    path(f"{ENGAGEMENT}call-off/", engagements.CallOffApiView.as_view(), name="api-engagement-call-off"),
    path("incidents/", incidents.IncidentListView.as_view(), name="api-incidents"),
    path(INCIDENT, incidents.IncidentView.as_view(), name="api-incident"),
    path(f"{INCIDENT}updates/", incidents.IncidentUpdatesView.as_view(), name="api-incident-updates"),
    path(f"{INCIDENT}follow/", incidents.IncidentFollowView.as_view(), name="api-incident-follow"),
    path(f"{INCIDENT}requests/", incidents.IncidentRequestsView.as_view(), name="api-incident-requests"),
    path("webhooks/", webhooks.EndpointsApiView.as_view(), name="api-webhooks"),
    path(WEBHOOK, webhooks.EndpointApiView.as_view(), name="api-webhook"),
    path(f"{WEBHOOK}rotate-secret/", webhooks.RotateSecretApiView.as_view(), name="api-webhook-rotate"),
    path(f"{WEBHOOK}test/", webhooks.TryWebhookApiView.as_view(), name="api-webhook-test"),
    path(f"{WEBHOOK}redeliver/", webhooks.ResendMissedApiView.as_view(), name="api-webhook-redeliver"),
    path(f"{WEBHOOK}deliveries/", webhooks.WebhookDeliveriesApiView.as_view(), name="api-webhook-deliveries"),
    path(WEBHOOK_DELIVERY, webhooks.WebhookDeliveryApiView.as_view(), name="api-webhook-delivery"),
    path(f"{WEBHOOK_DELIVERY}redeliver/", webhooks.ResendApiView.as_view(), name="api-webhook-delivery-redeliver"),
    path("exports/", exports.ExportsView.as_view(), name="api-exports"),
    path("exports/<int:export_id>/", exports.ExportView.as_view(), name="api-export"),
    path("exports/<int:export_id>/cancel/", exports.CancelExportView.as_view(), name="api-export-cancel"),
    path("exports/<int:export_id>/file/", exports.ExportFileView.as_view(), name="api-export-file"),
    path("operations/timers/", operations.FailedTimersView.as_view(), name="api-failed-timers"),
    path("operations/timers/<int:timer_id>/retry/", operations.RetryTimerView.as_view(), name="api-failed-timer-retry"),
    path("operations/broken-promises/", operations.BrokenPromisesView.as_view(), name="api-broken-promises"),
    path("operations/deliveries/", operations.FailedDeliveriesView.as_view(), name="api-failed-deliveries"),
    path(
        "operations/deliveries/retry-all/", operations.RetryDeliveriesView.as_view(), name="api-failed-deliveries-retry"
    ),
    path(f"{DELIVERY}retry/", operations.RetryDeliveryView.as_view(), name="api-failed-delivery-retry"),
    path(f"{DELIVERY}give-up/", operations.GiveUpDeliveryView.as_view(), name="api-failed-delivery-give-up"),
    path("policies/", policies.PoliciesView.as_view(), name="api-policies"),
    path("policies/<int:version>/", policies.PolicyView.as_view(), name="api-policy"),
    path("policies/drafts/", policy_drafts.PolicyDraftsView.as_view(), name="api-policy-drafts"),
    path(POLICY_DRAFT, policy_drafts.PolicyDraftView.as_view(), name="api-policy-draft"),
    path(f"{POLICY_DRAFT}review/", policy_drafts.ReviewPolicyDraftView.as_view(), name="api-policy-draft-review"),
    path(f"{POLICY_DRAFT}catch-up/", policy_drafts.CatchUpPolicyDraftView.as_view(), name="api-policy-draft-catch-up"),
    path(f"{POLICY_DRAFT}publish/", policy_drafts.PublishPolicyDraftView.as_view(), name="api-policy-draft-publish"),
    path("reports/sla/", reports.SlaReportView.as_view(), name="api-report-sla"),
    path("reports/surveys/", reports.SurveyReportView.as_view(), name="api-report-surveys"),
    path("reports/surveys/answers/", reports.SurveyAnswersView.as_view(), name="api-survey-answers"),
    path("reports/assessments/", reports.AssessmentReportView.as_view(), name="api-report-assessments"),
    path("audit/", audit.AuditView.as_view(), name="api-audit"),
    path("audit/export/", audit.AuditExportView.as_view(), name="api-audit-export"),
]
