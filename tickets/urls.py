"""Addresses of the pages of requests."""

from django.urls import include, path, register_converter

from tickets import policy_urls
from tickets.views import (
    acts,
    assessments,
    audit,
    corrections,
    detail,
    dispute_acts,
    engagements,
    erasure,
    exports,
    files,
    filing,
    handing_over,
    hanging_acts,
    home,
    incidents,
    lists,
    notices,
    operations,
    people,
    personal_data,
    queue,
    reports,
    subscription,
    surveys,
    tags,
    webhooks,
)

app_name = "tickets"


class NumberConverter:
    """The number of a request in an address; other digits than ASCII ones are no number."""

    regex = "SR-[0-9]{9}"

    def to_python(self, value: str) -> str:
        """Return the number as it stands."""
        return value

    def to_url(self, value: str) -> str:
        """Return the number as it stands."""
        return value


register_converter(NumberConverter, "number")


class EngagementConverter(NumberConverter):
    """The number of an engagement in an address."""

    regex = "EN-[0-9]{9}"


class IncidentConverter(NumberConverter):
    """The number of an incident in an address."""

    regex = "INC-[0-9]{4}-[0-9]{5}"


register_converter(EngagementConverter, "engagement")
register_converter(IncidentConverter, "incident")

urlpatterns = [
    path("", home.HomeView.as_view(), name="home"),
    path("requests/", lists.RequestListView.as_view(), name="list"),
    path("requests/new/", filing.NewRequestView.as_view(), name="new"),
    path("requests/new/preview/", filing.PreviewView.as_view(), name="preview"),
    path("requests/<number:number>/", detail.RequestView.as_view(), name="detail"),
    path("requests/<number:number>/message/", acts.MessageView.as_view(), name="message"),
    path("requests/<number:number>/reply/", acts.ReplyView.as_view(), name="reply"),
    path("requests/<number:number>/note/", acts.NoteView.as_view(), name="note"),
    path("requests/<number:number>/severity/", acts.SeverityView.as_view(), name="severity"),
    path("requests/<number:number>/dispute/", dispute_acts.DisputeView.as_view(), name="dispute"),
    path("requests/<number:number>/dispute/agree/", dispute_acts.AgreeView.as_view(), name="agree_to_dispute"),
    path("requests/<number:number>/dispute/decline/", dispute_acts.DeclineView.as_view(), name="decline_dispute"),
    path("requests/<number:number>/subscription/", subscription.SubscriptionView.as_view(), name="subscription"),
    path("requests/<number:number>/correct/", corrections.CorrectView.as_view(), name="correct"),
    path("requests/<number:number>/tags/", tags.TaggingView.as_view(), name="tagging"),
    path("requests/<number:number>/contact/", acts.ContactView.as_view(), name="contact"),
    path("requests/<number:number>/take/", acts.TakeView.as_view(), name="take"),
    path("requests/<number:number>/assign/", acts.AssignView.as_view(), name="assign"),
    path("requests/<number:number>/release/", acts.ReleaseView.as_view(), name="release"),
    path("requests/<number:number>/close/", acts.CloseView.as_view(), name="close"),
    path("requests/<number:number>/reopen/", acts.ReopenView.as_view(), name="reopen"),
    path("requests/<number:number>/escalate/", hanging_acts.EscalateView.as_view(), name="escalate"),
    path("requests/<number:number>/senior/", hanging_acts.SeniorView.as_view(), name="senior"),
    path("requests/<number:number>/translator/", hanging_acts.AskTranslatorView.as_view(), name="ask_translator"),
    path(
        "requests/<number:number>/translator/arrange/",
        hanging_acts.ArrangeTranslatorView.as_view(),
        name="arrange_translator",
    ),
    path(
        "requests/<number:number>/translator/done/",
        hanging_acts.FinishTranslatorView.as_view(),
        name="finish_translator",
    ),
    path(
        "requests/<number:number>/translator/cancel/",
        hanging_acts.CancelTranslatorView.as_view(),
        name="cancel_translator",
    ),
    path("requests/<number:number>/incident/", hanging_acts.BelongsView.as_view(), name="request_incident"),
    path("requests/<number:number>/hand-over/", handing_over.HandOverView.as_view(), name="hand_over"),
    path("requests/<number:number>/survey/", surveys.AnswerView.as_view(), name="answer_survey"),
    path("surveys/<str:key>/", surveys.LinkView.as_view(), name="survey"),
    path("staff/surveys/", surveys.ReportView.as_view(), name="surveys"),
    path("requests/<number:number>/files/<int:attachment_id>/", files.DownloadView.as_view(), name="file"),
    path(
        "requests/<number:number>/files/<int:attachment_id>/preview/", files.PreviewView.as_view(), name="file_preview"
    ),
    path("staff/assessment/", assessments.AssessmentView.as_view(), name="assessment"),
    path("staff/policies/", include(policy_urls)),
    path("incidents/", incidents.IncidentsView.as_view(), name="incidents"),
    path("incidents/new/", incidents.DeclareView.as_view(), name="declare_incident"),
    path("incidents/<incident:number>/", incidents.IncidentView.as_view(), name="incident"),
    path("incidents/<incident:number>/<slug:act>/", incidents.IncidentActView.as_view(), name="incident_act"),
    path("queue/", queue.QueueView.as_view(), name="queue"),
    path("staff/operations/", operations.OperationsView.as_view(), name="operations"),
    path("staff/operations/timers/<int:timer_id>/retry/", operations.RetryTimerView.as_view(), name="retry_timer"),
    path(
        "staff/operations/deliveries/<int:delivery_id>/retry/",
        operations.RetryDeliveryView.as_view(),
        name="retry_delivery",
    ),
    path(
        "staff/operations/deliveries/<int:delivery_id>/give-up/",
        operations.GiveUpDeliveryView.as_view(),
        name="give_up_delivery",
    ),
    path("staff/operations/deliveries/retry/", operations.RetryDeliveriesView.as_view(), name="retry_deliveries"),
    path("organisation/audit/", audit.AuditView.as_view(), name="audit"),
    path("organisation/audit/export/", audit.ExportView.as_view(), name="export_audit"),
    path("organisation/audit/head/", audit.HeadView.as_view(), name="audit_head"),
    path("organisation/audit/verify_audit.py", audit.VerifierView.as_view(), name="audit_verifier"),
    path("staff/audit/", audit.StaffAuditView.as_view(), name="staff_audit"),
    path("staff/audit/export/", audit.StaffExportView.as_view(), name="export_staff_audit"),
    path("staff/audit/head/", audit.StaffHeadView.as_view(), name="staff_audit_head"),
    path("staff/audit/verify_audit.py", audit.VerifierView.as_view(), name="staff_audit_verifier"),
    path("organisation/report/", reports.SlaReportView.as_view(), name="sla_report"),
    path("organisation/report/file/", reports.SlaReportFileView.as_view(), name="sla_report_file"),
    path("staff/report/", reports.SlaReportView.as_view(**reports.STAFF), name="staff_sla_report"),
    path("staff/report/file/", reports.SlaReportFileView.as_view(**reports.STAFF), name="staff_sla_report_file"),
    path("organisation/exports/", exports.ExportsView.as_view(), name="exports"),
    path("organisation/exports/<int:export_id>/file/", exports.ExportFileView.as_view(), name="export_file"),
    path("organisation/exports/<int:export_id>/cancel/", exports.CancelExportView.as_view(), name="cancel_export"),
    path("organisation/exports/<int:export_id>/remove/", exports.RemoveExportView.as_view(), name="remove_export"),
    path("staff/exports/", exports.ExportsView.as_view(**exports.STAFF), name="staff_exports"),
    path(
        "staff/exports/<int:export_id>/file/",
        exports.ExportFileView.as_view(**exports.STAFF),
        name="staff_export_file",
    ),
    path(
        "staff/exports/<int:export_id>/cancel/",
        exports.CancelExportView.as_view(**exports.STAFF),
        name="cancel_staff_export",
    ),
    path(
        "staff/exports/<int:export_id>/remove/",
        exports.RemoveExportView.as_view(**exports.STAFF),
        name="remove_staff_export",
    ),
    path("organisation/people/<int:person_id>/", people.PersonPage.as_view(), name="person"),
    path("organisation/people/<int:person_id>/roles/", people.RolesView.as_view(), name="change_roles"),
    path("organisation/people/<int:person_id>/hand-over/", people.HandOverView.as_view(), name="hand_over_all"),
    path("organisation/people/<int:person_id>/deactivate/", people.DeactivateView.as_view(), name="deactivate_person"),
    path("organisation/people/<int:person_id>/reactivate/", people.ReactivateView.as_view(), name="reactivate_person"),
    path("organisation/engagements/", engagements.EngagementsView.as_view(), name="engagements"),
    path("organisation/engagements/new/", engagements.NewEngagementView.as_view(), name="new_engagement"),
    path("organisation/engagements/<engagement:number>/", engagements.EngagementView.as_view(), name="engagement"),
    path(
        "organisation/engagements/<engagement:number>/<slug:act>/",
        engagements.EngagementActView.as_view(),
        name="engagement_act",
    ),
    path("organisation/webhooks/", webhooks.EndpointsView.as_view(), name="webhooks"),
    path("organisation/webhooks/<int:endpoint_id>/", webhooks.EndpointView.as_view(), name="webhook"),
    path(
        "organisation/webhooks/<int:endpoint_id>/deliveries/<int:delivery_id>/",
        webhooks.WebhookDeliveryView.as_view(),
        name="webhook_delivery",
    ),
    path("organisation/webhooks/<int:endpoint_id>/<slug:act>/", webhooks.EndpointActView.as_view(), name="webhook_act"),
    path("staff/webhooks/", webhooks.StaffEndpointsView.as_view(), name="staff_webhooks"),
    path("staff/webhooks/<int:endpoint_id>/", webhooks.StaffEndpointView.as_view(), name="staff_webhook"),
    path(
        "staff/webhooks/<int:endpoint_id>/deliveries/<int:delivery_id>/",
        webhooks.StaffWebhookDeliveryView.as_view(),
        name="staff_webhook_delivery",
    ),
    path(
        "staff/webhooks/<int:endpoint_id>/<slug:act>/",
        webhooks.StaffEndpointActView.as_view(),
        name="staff_webhook_act",
    ),
    path("staff/tags/", tags.TagsView.as_view(), name="tags"),
    path("staff/tags/<int:tag_id>/", tags.TagView.as_view(), name="tag"),
    path("staff/tags/<int:tag_id>/<slug:act>/", tags.TagActView.as_view(), name="tag_act"),
    path("staff/customers/", engagements.MyCustomersView.as_view(), name="my_customers"),
    path("staff/engagements/", engagements.StaffEngagementsView.as_view(), name="staff_engagements"),
    path("staff/engagements/<engagement:number>/", engagements.StaffEngagementView.as_view(), name="staff_engagement"),
    path(
        "staff/engagements/<engagement:number>/<slug:act>/",
        engagements.StaffEngagementActView.as_view(),
        name="staff_engagement_act",
    ),
    path("profile/data/", personal_data.MyDataView.as_view(), name="my_data"),
    path("people/<int:person_id>/erase/", erasure.ErasePersonView.as_view(), name="erase_person"),
    path("notices/", notices.NoticesView.as_view(), name="notices"),
]
