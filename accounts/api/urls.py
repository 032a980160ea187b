"""Addresses of this app's operations, below /api/v1/."""

from django.urls import path

from accounts.api import views

urlpatterns = [
    path("me/", views.CallerView.as_view(), name="api-caller"),
    path("organisations/", views.OrganisationsView.as_view(), name="api-organisations"),
    path("subscriptions/", views.SubscriptionsView.as_view(), name="api-subscriptions"),
    path("plans/", views.PlansView.as_view(), name="api-plans"),
    path("tokens/", views.TokensView.as_view(), name="api-tokens"),
    path("tokens/<int:token_id>/", views.TokenView.as_view(), name="api-token"),
]
