"""Addresses of this app's operations, below /api/v1/."""

from django.urls import path

from accounts.api import calendars, views

urlpatterns = [
    path("me/", views.CallerView.as_view(), name="api-caller"),
    path("organisations/", views.OrganisationsView.as_view(), name="api-organisations"),
    path("organisations/<slug:slug>/calendar/", calendars.CalendarView.as_view(), name="api-calendar"),
    path(
        "organisations/<slug:slug>/calendar/preview/",
        calendars.CalendarPreviewView.as_view(),
        name="api-calendar-preview",
    ),
    path(
        "organisations/<slug:slug>/calendar/versions/",
        calendars.CalendarVersionsView.as_view(),
        name="api-calendar-versions",
    ),
    path(
        "organisations/<slug:slug>/calendar/versions/<int:version>/",
        calendars.CalendarVersionView.as_view(),
        name="api-calendar-version",
    ),
    path("subscriptions/", views.SubscriptionsView.as_view(), name="api-subscriptions"),
    path("plans/", views.PlansView.as_view(), name="api-plans"),
    path("tokens/", views.TokensView.as_view(), name="api-tokens"),
    path("tokens/<int:token_id>/", views.TokenView.as_view(), name="api-token"),
]
