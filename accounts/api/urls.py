"""Addresses of this app's operations, below /api/v1/."""

from django.urls import path

from accounts.api import calendars, delegations, me, people, principals, rota, views

PRINCIPAL = "service-principals/<int:principal_id>"

urlpatterns = [
    path("me/", me.CallerView.as_view(), name="api-caller"),
    path("me/notices/", me.NoticesView.as_view(), name="api-own-notices"),
    path("me/sessions/", me.SessionsView.as_view(), name="api-own-sessions"),
    path("me/sessions/end/", me.EndSessionsView.as_view(), name="api-end-own-sessions"),
    path("me/sessions/<uuid:session_id>/", me.SessionView.as_view(), name="api-own-session"),
    path("organisations/", views.OrganisationsView.as_view(), name="api-organisations"),
    path("organisations/<slug:slug>/", views.OrganisationView.as_view(), name="api-organisation"),
    path("rota/", rota.RotaView.as_view(), name="api-rota"),
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
    path("delegations/", delegations.DelegationsView.as_view(), name="api-delegations"),
    path("delegations/<int:delegation_id>/", delegations.DelegationView.as_view(), name="api-delegation"),
    path("delegations/<int:delegation_id>/end/", delegations.EndDelegationView.as_view(), name="api-end-delegation"),
    path("delegations/<int:delegation_id>/people/", delegations.DelegatesView.as_view(), name="api-delegates"),
    path("delegations/<int:delegation_id>/acts/", delegations.ActsUnderView.as_view(), name="api-acts-under"),
    path("delegations/asks/", delegations.AsksView.as_view(), name="api-delegation-asks"),
    path("delegations/asks/<int:ask_id>/", delegations.AskView.as_view(), name="api-delegation-ask"),
    path("delegations/asks/<int:ask_id>/grant/", delegations.GrantAskView.as_view(), name="api-grant-ask"),
    path("delegations/asks/<int:ask_id>/decline/", delegations.DeclineAskView.as_view(), name="api-decline-ask"),
    path("delegations/asks/<int:ask_id>/withdraw/", delegations.WithdrawAskView.as_view(), name="api-withdraw-ask"),
    path("subscriptions/", views.SubscriptionsView.as_view(), name="api-subscriptions"),
    path("plans/", views.PlansView.as_view(), name="api-plans"),
    path("people/", people.PeopleView.as_view(), name="api-people"),
    path("people/<int:person_id>/", people.PersonView.as_view(), name="api-person"),
    path("people/<int:person_id>/roles/", people.RolesView.as_view(), name="api-person-roles"),
    path("people/<int:person_id>/reactivate/", people.ReactivateView.as_view(), name="api-person-reactivate"),
    path("invitations/", people.InvitationsView.as_view(), name="api-invitations"),
    path("invitations/<int:invitation_id>/", people.InvitationView.as_view(), name="api-invitation"),
    path(
        "invitations/<int:invitation_id>/resend/", people.ResendInvitationView.as_view(), name="api-invitation-resend"
    ),
    path("service-principals/", principals.PrincipalsView.as_view(), name="api-service-principals"),
    path(f"{PRINCIPAL}/", principals.PrincipalView.as_view(), name="api-service-principal"),
    path(f"{PRINCIPAL}/roles/", principals.PrincipalRolesView.as_view(), name="api-service-principal-roles"),
    path(f"{PRINCIPAL}/deactivate/", principals.EndPrincipalView.as_view(), name="api-service-principal-deactivate"),
    path(f"{PRINCIPAL}/tokens/", principals.PrincipalTokensView.as_view(), name="api-service-principal-tokens"),
    path(
        f"{PRINCIPAL}/tokens/<int:token_id>/",
        principals.PrincipalTokenView.as_view(),
        name="api-service-principal-token",
    ),
    path("tokens/", views.TokensView.as_view(), name="api-tokens"),
    path("tokens/<int:token_id>/", views.TokenView.as_view(), name="api-token"),
]
