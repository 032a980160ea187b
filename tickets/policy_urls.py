"""Addresses of the pages of policies, below `staff/policies/`."""

from django.urls import path

from tickets.views import policies, policy_drafts, policy_publishing

urlpatterns = [
    path("", policies.PoliciesView.as_view(), name="policies"),
    path("<int:version>/", policies.VersionView.as_view(), name="policy"),
    path("<int:version>.json", policies.DocumentView.as_view(), name="policy_document"),
    path("drafts/", policy_drafts.StartView.as_view(), name="start_policy_draft"),
    path("drafts/<int:draft_id>/", policy_drafts.TableView.as_view(), name="policy_draft_table"),
    path("drafts/<int:draft_id>/ladders/", policy_drafts.LaddersView.as_view(), name="policy_draft_ladders"),
    path("drafts/<int:draft_id>/calendars/", policy_drafts.CalendarsView.as_view(), name="policy_draft_calendars"),
    path("drafts/<int:draft_id>/text/", policy_drafts.TextView.as_view(), name="policy_draft_text"),
    path("drafts/<int:draft_id>/review/", policy_publishing.ReviewView.as_view(), name="policy_draft_review"),
    path("drafts/<int:draft_id>/publish/", policy_publishing.PublishView.as_view(), name="policy_draft_publish"),
    path("drafts/<int:draft_id>/catch-up/", policy_publishing.CatchUpView.as_view(), name="policy_draft_catch_up"),
    path("drafts/<int:draft_id>/name/", policy_publishing.RenameView.as_view(), name="policy_draft_rename"),
    path("drafts/<int:draft_id>/discard/", policy_publishing.DiscardView.as_view(), name="policy_draft_discard"),
]
