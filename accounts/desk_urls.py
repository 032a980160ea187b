"""Addresses of what support staff keep: organisations with what they bought, plans, themselves and their teams."""

from django.urls import URLPattern, URLResolver, include, path

from accounts.views import desk_contracts, desk_invitations, desk_organisation, plans, skills, staff_people, teams

desk_pages: list[URLPattern | URLResolver] = [
    path("staff/organisations/new/", desk_organisation.NewOrganisationView.as_view(), name="new_organisation"),
    path("staff/organisations/<slug:slug>/", desk_organisation.OrganisationView.as_view(), name="desk_organisation"),
    path(
        "staff/organisations/<slug:slug>/edit/",
        desk_organisation.EditOrganisationView.as_view(),
        name="edit_organisation",
    ),
    path(
        "staff/organisations/<slug:slug>/close/",
        desk_organisation.CloseOrganisationView.as_view(),
        name="close_organisation",
    ),
    path(
        "staff/organisations/<slug:slug>/reopen/",
        desk_organisation.ReopenOrganisationView.as_view(),
        name="reopen_organisation",
    ),
    path(
        "staff/organisations/<slug:slug>/subscriptions/",
        include(
            [
                path("new/", desk_contracts.NewSubscriptionView.as_view(), name="new_subscription"),
                path("<slug:reference>/", desk_contracts.SubscriptionView.as_view(), name="desk_subscription"),
                path("<slug:reference>/buy/", desk_contracts.BuySubscriptionView.as_view(), name="buy_subscription"),
                path("<slug:reference>/end/", desk_contracts.EndSubscriptionView.as_view(), name="end_subscription"),
            ]
        ),
    ),
    path(
        "staff/organisations/<slug:slug>/contracts/",
        include(
            [
                path("new/", desk_contracts.NewContractView.as_view(), name="new_contract"),
                path("<int:contract_id>/", desk_contracts.ContractView.as_view(), name="desk_contract"),
                path("<int:contract_id>/end/", desk_contracts.EndContractView.as_view(), name="end_contract"),
            ]
        ),
    ),
    path(
        "staff/organisations/<slug:slug>/invite/",
        desk_invitations.InviteAdminView.as_view(),
        name="invite_admin",
    ),
    path("staff/people/new/", desk_invitations.InviteStaffView.as_view(), name="invite_staff"),
    path("staff/people/", staff_people.StaffView.as_view(), name="staff"),
    path(
        "staff/people/<int:person_id>/",
        include(
            [
                path("", staff_people.MemberView.as_view(), name="staff_member"),
                path("roles/give/", staff_people.GiveStaffRoleView.as_view(), name="give_staff_role"),
                path("roles/take/", staff_people.TakeStaffRoleView.as_view(), name="take_staff_role"),
                path("team/", staff_people.StaffTeamView.as_view(), name="staff_team"),
                path("skills/", staff_people.StaffSkillsView.as_view(), name="staff_skills"),
                path("close/", staff_people.DeactivateStaffView.as_view(), name="deactivate_staff"),
                path("open/", staff_people.ReactivateStaffView.as_view(), name="reactivate_staff"),
            ]
        ),
    ),
    path("staff/teams/", teams.TeamsView.as_view(), name="teams"),
    path("staff/teams/new/", teams.NewTeamView.as_view(), name="new_team"),
    path("staff/teams/<slug:code>/", teams.TeamView.as_view(), name="team"),
    path("staff/teams/<slug:code>/retire/", teams.RetireTeamView.as_view(), name="retire_team"),
    path("staff/teams/<slug:code>/back/", teams.BringTeamBackView.as_view(), name="bring_team_back"),
    path("profile/skills/", skills.OwnSkillsView.as_view(), name="own_skills"),
    path("staff/plans/", plans.PlansView.as_view(), name="plans"),
    path("staff/plans/<slug:code>/retire/", plans.RetirePlanView.as_view(), name="retire_plan"),
    path("staff/plans/<slug:code>/offer/", plans.OfferPlanView.as_view(), name="offer_plan"),
]
