"""Addresses of sign-in, people and organisations."""

from allauth.account import views as allauth
from django.urls import URLPattern, URLResolver, include, path, re_path

from accounts.desk_urls import desk_pages
from accounts.views import (
    acting,
    calendar,
    delegates,
    domains,
    invitations,
    organisation,
    organisations,
    partners,
    people,
    preferences,
    profile,
    rota,
    second_factors,
    security,
    sign_in,
    sign_on,
    tokens,
)

# The names are django-allauth's, which looks its own pages up by them.
sign_in_pages = [
    path("login/", sign_in.SignInView.as_view(), name="account_login"),
    path("login/second-factor/", sign_in.SecondFactorView.as_view(), name="mfa_authenticate"),
    path("login/passkey/", sign_in.PasskeyView.as_view(), name="passkey"),
    path("login/passkey/options/", sign_in.PasskeyOptionsView.as_view(), name="passkey_options"),
    path("logout/", allauth.logout, name="account_logout"),
    path("password/change/", sign_in.PasswordChangeView.as_view(), name="account_change_password"),
    path("password/reset/", allauth.password_reset, name="account_reset_password"),
    path("password/reset/done/", allauth.password_reset_done, name="account_reset_password_done"),
    re_path(
        r"^password/reset/key/(?P<uidb36>[0-9A-Za-z]{1,13})-(?P<key>[0-9A-Za-z-]{1,100})/$",
        sign_in.NewPasswordView.as_view(),
        name="account_reset_password_from_key",
    ),
    path(
        "password/reset/key/done/",
        allauth.password_reset_from_key_done,
        name="account_reset_password_from_key_done",
    ),
]
choices = [path("preferences/language/", preferences.set_language, name="set_language")]
pages: list[URLPattern | URLResolver] = [
    path("profile/", profile.ProfileView.as_view(), name="profile"),
    path("profile/notices/", profile.NoticesByMailView.as_view(), name="choose_notices"),
    path("profile/security/", security.SecurityView.as_view(), name="security"),
    path("profile/security/required/", second_factors.GateView.as_view(), name="gate"),
    path("profile/security/app/", second_factors.AddAppView.as_view(), name="add_app"),
    path("profile/security/keys/", second_factors.AddKeyView.as_view(), name="add_key"),
    path("profile/security/keys/<int:factor_id>/", second_factors.RenameKeyView.as_view(), name="rename_key"),
    path(
        "profile/security/factors/<int:factor_id>/remove/",
        second_factors.RemoveFactorView.as_view(),
        name="remove_factor",
    ),
    path("profile/security/codes/", second_factors.RecoveryCodesView.as_view(), name="recovery_codes"),
    path("profile/security/sessions/end/", security.EndOtherSessionsView.as_view(), name="end_other_sessions"),
    path("profile/security/sessions/<uuid:public_id>/end/", security.EndSessionView.as_view(), name="end_session"),
    path("profile/security/address/", security.ChangeAddressView.as_view(), name="change_address"),
    path("profile/security/address/cancel/", security.CancelAddressView.as_view(), name="cancel_address"),
    path("address/<str:key>/", security.ConfirmAddressView.as_view(), name="confirm_address"),
    path(
        "people/<int:person_id>/second-factors/reset/",
        second_factors.ResetFactorsView.as_view(),
        name="reset_factors",
    ),
    path("profile/tokens/", tokens.TokensView.as_view(), name="tokens"),
    path("profile/tokens/<int:token_id>/revoke/", tokens.RevokeTokenView.as_view(), name="revoke_token"),
    path("organisation/", organisation.OrganisationView.as_view(), name="organisation"),
    path("organisation/people/", people.PeopleView.as_view(), name="people"),
    path("organisation/people/invite/", invitations.InviteView.as_view(), name="invite"),
    path(
        "organisation/invitations/<int:invitation_id>/resend/",
        invitations.ResendView.as_view(),
        name="resend_invitation",
    ),
    path(
        "organisation/invitations/<int:invitation_id>/withdraw/",
        invitations.WithdrawView.as_view(),
        name="withdraw_invitation",
    ),
    path("invitations/<str:key>/", invitations.AcceptView.as_view(), name="invitation"),
    path("organisation/partners/", partners.PartnersView.as_view(), name="partners"),
    path("organisation/delegations/", partners.GrantDelegationView.as_view(), name="grant_delegation"),
    path(
        "organisation/delegations/<int:delegation_id>/end/",
        partners.EndDelegationView.as_view(),
        name="end_delegation",
    ),
    path("organisation/partners/<int:delegation_id>/", partners.DelegationView.as_view(), name="delegation"),
    path("organisation/partners/asks/<int:ask_id>/grant/", partners.GrantAskView.as_view(), name="grant_ask"),
    path("organisation/partners/asks/<int:ask_id>/decline/", partners.DeclineAskView.as_view(), name="decline_ask"),
    path("organisation/subscriptions/", organisation.SubscriptionsView.as_view(), name="subscriptions"),
    path("organisation/calendar/", calendar.CalendarView.as_view(), name="calendar"),
    path("organisation/calendar/edit/", calendar.EditCalendarView.as_view(), name="edit_calendar"),
    path("organisation/sign-in/", sign_on.SignOnView.as_view(), name="sign_on"),
    path("organisation/sign-in/domains/", domains.AddDomainView.as_view(), name="add_domain"),
    path("organisation/sign-in/domains/<int:domain_id>/prove/", domains.ProveDomainView.as_view(), name="prove_domain"),
    path(
        "organisation/sign-in/domains/<int:domain_id>/remove/", domains.RemoveDomainView.as_view(), name="remove_domain"
    ),
    path("organisation/sign-in/domains/confirm/", domains.ConfirmDomainView.as_view(), name="confirm_domain"),
    re_path(
        r"^organisation/sign-in/domains/link/(?P<key>[0-9A-Za-z_-]{1,100})/$",
        domains.DomainLinkView.as_view(),
        name="domain_link",
    ),
    *desk_pages,
    path("staff/organisations/", organisations.OrganisationsView.as_view(), name="organisations"),
    path("staff/organisations/<slug:slug>/calendar/", calendar.DeskCalendarView.as_view(), name="desk_calendar"),
    path(
        "staff/organisations/<slug:slug>/calendar/edit/",
        calendar.EditDeskCalendarView.as_view(),
        name="edit_desk_calendar",
    ),
    path("staff/rota/", rota.RotaView.as_view(), name="rota"),
    path("staff/rota/shifts/new/", rota.AddShiftView.as_view(), name="add_shift"),
    path("staff/rota/shifts/<int:shift_id>/", rota.ShiftView.as_view(), name="shift"),
    path("staff/rota/shifts/<int:shift_id>/remove/", rota.RemoveShiftView.as_view(), name="remove_shift"),
    path("staff/rota/weekly/", rota.PatternsView.as_view(), name="rota_patterns"),
    path("staff/rota/weekly/<int:pattern_id>/end/", rota.EndPatternView.as_view(), name="end_pattern"),
    path("acting-for/", acting.ActingForView.as_view(), name="acting_for"),
    path("acting-for/asks/", delegates.AsksView.as_view(), name="delegation_asks"),
    path("acting-for/asks/<int:ask_id>/withdraw/", delegates.WithdrawAskView.as_view(), name="withdraw_ask"),
    path("acting-for/<int:delegation_id>/people/", delegates.DelegatesView.as_view(), name="delegates"),
    path("acting-for/stop/", acting.StopActingView.as_view(), name="stop_acting"),
]
urlpatterns = [*sign_in_pages, *choices, path("", include((pages, "accounts")))]
