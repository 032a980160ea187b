"""Refusals of `accounts`, and of the edge of the API that it brings."""

from __future__ import annotations

from http import HTTPStatus
from typing import Any

from django.utils.translation import gettext as _now
from django.utils.translation import gettext_lazy as _
from django.utils.translation import ngettext

from accounts import errors
from accounts.api import errors as edge
from accounts.scopes import SCOPES
from accounts.wording import (
    OUTGOING_FAULTS,
    SHIFT_FAULTS,
    SIGN_ON_FAULTS,
    SIGN_ON_FIELDS,
    SIGN_ON_LACKS,
    text_fault,
)
from support_portal.problems.faults import query_faults
from support_portal.problems.row import FieldFault, Problem, Words, at, retry_after

LIMITS: dict[str, Words] = {  # by how their buckets begin; docs/api.md lists those of the API
    "api:token:": _("%(most)d calls a minute for a token"),
    "api:person:": _("%(most)d calls a minute for a person"),
    "api:organisation:": _("%(most)d calls a minute for an organisation"),
    "filing:": _("%(most)d requests filed a minute for an organisation"),
    "export:person:": _("%(most)d exports an hour for a person"),
    "export:": _("%(most)d exports an hour for an organisation"),
    "audit_export:": _("%(most)d exports of the audit trail an hour for an organisation"),
    "personal_data:": _("%(most)d files of one's own data an hour"),
    "disputes:": _("%(most)d disputes of a severity an hour for an organisation"),
    "webhook_tests:": _("%(most)d test events an hour for an organisation"),
    "webhooks_again:": _("%(most)d calls an hour that send events again, for an endpoint"),
    "invitations:staff": _("%(most)d invitations an hour to the staff"),
    "invitations:": _("%(most)d invitations an hour for an organisation"),
    "asks_of_one:": _("%(most)d asks a day of one customer"),
    "asks:": _("%(most)d asks an hour for a partner"),
    "domain:by:": _("%(most)d mails an hour that prove domains, for an organisation"),
    "domain:": _("%(most)d mails an hour that prove a domain"),
    "mail_change:": _("%(most)d changes of an address an hour, for a person and for an address"),
    "self_help_judged:": _("%(most)d answers an hour on whether articles helped"),
    "sign_in:": _("%(most)d wrong passwords in a quarter of an hour"),
}
MINUTE, HOUR = 60, 3600  # in seconds
SOME_LIMIT = _("%(most)d in this span of time")


def too_many(error: errors.TooMany) -> str:
    """Tell the limit and the wait."""
    name = next((name for name in LIMITS if error.bucket.startswith(name)), None)
    what = str(LIMITS[name] if name else SOME_LIMIT) % {"most": error.limit}
    return _now("The limit is %(what)s. Nothing was changed; try again in %(wait)s.") % {
        "what": what,
        "wait": _span(error.retry_after),
    }


def _span(seconds: int) -> str:
    """A wait in words, in the unit that people count it in, rounded up."""
    if seconds < 2 * MINUTE:
        return ngettext("%(count)d second", "%(count)d seconds", seconds) % {"count": seconds}
    if seconds < 2 * HOUR:
        return _now("%(count)d minutes") % {"count": -(-seconds // MINUTE)}
    return _now("%(count)d hours") % {"count": -(-seconds // HOUR)}


def scope_missing(error: edge.ScopeMissing) -> str:
    """Name the scope."""
    if not error.scope:
        return _now("No token may do this. Sign in to the portal instead.")
    return _now("Use a token with the scope %(scope)s.") % {"scope": error.scope}


def unknown_address(error: edge.UnknownAddress) -> str:
    """Point to the address that was meant, if we know it."""
    if error.suggestion:
        return _now("There is nothing here. Did you mean %(address)s?") % {"address": error.suggestion}
    return _now("There is nothing here. The addresses of the API are listed at /api/v1/docs/.")


def _challenge(error: edge.ScopeMissing) -> dict[str, str]:
    return {"WWW-Authenticate": f'Bearer realm="support portal", error="insufficient_scope", scope="{error.scope}"'}


def _unknown_scopes(_error: Any) -> list[FieldFault]:
    detail = _now("Choose from %(scopes)s.") % {"scopes": ", ".join(SCOPES)}
    return [FieldFault("#/scopes", "unknown_choice", detail)]


def _wait(error: errors.TooMany) -> dict[str, str]:
    return {"Retry-After": str(error.retry_after)}


def _calendar_faults(error: errors.InvalidCalendar) -> list[FieldFault]:
    places = [(f"#/{place.replace('.', '/')}" if place else "#", code, text) for place, code, text in error.problems]
    return [FieldFault(place, code, text) for place, code, text in places]


KEY_FAULT = _("Send 1 to 64 visible ASCII characters, such as a UUID.")
NOT_PERMITTED: dict[errors.Lack, Words] = {
    errors.Lack.ROLE: _(
        "Your roles do not include this. A global admin of your organisation can change what you may do."
    ),
    errors.Lack.DELEGATION: _(
        "Your roles, and what the customer has delegated, do not include this together. A global admin of your "
        "organisation can change your roles, one of the customer's what is delegated."
    ),
    errors.Lack.BEING_OWN: _("This is for the customer's own people; it cannot be delegated to a partner."),
    errors.Lack.ORGANISATION: _("This is not open to your organisation. Ask support if you need it."),
    errors.Lack.STAFF_ROLE: _("Your roles do not include this. A team lead of the support can change what you may do."),
    errors.Lack.BEING_STAFF: _("This is for the staff of the support; no role of a customer includes it."),
    errors.Lack.BEING_CUSTOMER: _("This is for customers and their partners; no role of the support includes it."),
}
NOT_THERE = _("It does not exist, or you may not see it. Check the address and whom you act for.")

ADDRESS_FAULT = _("Give a short name, such as lotus-foods, or a mail domain, such as lotus-foods.example.")

ACCOUNTS: dict[type[BaseException], Problem] = {
    errors.NotPermitted: Problem(
        HTTPStatus.FORBIDDEN,
        "not-permitted",
        _("You may not do that"),
        lambda error: str(NOT_PERMITTED[error.lack]),
        extra=lambda error: {"act": error.act},
    ),
    errors.Busy: Problem(
        HTTPStatus.SERVICE_UNAVAILABLE,
        "busy",
        _("The portal is busy"),
        _("Somebody else is changing the same thing at this moment. Nothing was changed; try again in a moment."),
        headers=retry_after(1),
    ),
    errors.TooMany: Problem(
        HTTPStatus.TOO_MANY_REQUESTS,
        "too-many-requests",
        _("Too many in a short time"),
        too_many,
        headers=_wait,
    ),
    errors.SignInRequired: Problem(
        HTTPStatus.UNAUTHORIZED,
        "sign-in-required",
        _("Sign in first"),
        _("Send an API token in the header Authorization: Bearer, or sign in to the portal."),
        headers=lambda _error: {"WWW-Authenticate": 'Bearer realm="support portal"'},
    ),
    errors.SecondFactorRequired: Problem(
        HTTPStatus.FORBIDDEN,
        "second-factor-required",
        _("Show your second factor first"),
        _("In your role a session needs a second factor. Open the portal in this browser; it leads you there."),
    ),
    edge.ProofRequired: Problem(
        HTTPStatus.FORBIDDEN,
        "proof-required",
        _("Show first that it is you"),
        _("Sign in to the portal anew and call again within a quarter of an hour, or use a token."),
    ),
    errors.WrongCode: Problem(
        HTTPStatus.FORBIDDEN,
        "wrong-code",
        _("That did not match"),
        _("Give the code that your app shows now, a recovery code that you have not used, or one of your keys."),
    ),
    errors.FactorNotFound: Problem(
        HTTPStatus.NOT_FOUND,
        "second-factor-not-found",
        _("There is no such second factor"),
        _("It may have been removed already. Look at the list again."),
    ),
    errors.FactorExists: Problem(
        HTTPStatus.CONFLICT,
        "second-factor-exists",
        _("There is an authenticator app already"),
        _("Remove the present one first, then set up the other."),
    ),
    errors.FactorNeeded: Problem(
        HTTPStatus.CONFLICT,
        "second-factor-needed",
        _("You need a second factor"),
        _("In your role you cannot do without one. Set up another first, then remove this one."),
    ),
    errors.SessionNotFound: Problem(
        HTTPStatus.NOT_FOUND,
        "session-not-found",
        _("There is no such session"),
        _("It has ended already. There is nothing more to do."),
    ),
    errors.MailChangeOver: Problem(
        HTTPStatus.GONE,
        "mail-change-over",
        _("This change of the mail address is over"),
        _("It was confirmed, cancelled or replaced, or its 72 hours have passed. Ask again if you still want it."),
    ),
    errors.OrganisationNotFound: Problem(
        HTTPStatus.NOT_FOUND, "organisation-not-found", _("There is no such organisation"), NOT_THERE
    ),
    errors.SubscriptionNotFound: Problem(
        HTTPStatus.NOT_FOUND,
        "subscription-not-found",
        _("There is no such subscription"),
        _("Choose a running subscription of the organisation that you act for; /api/v1/subscriptions/ lists them."),
        faults=at("#/subscription", "not_found", _("The organisation has no running subscription by this reference.")),
    ),
    errors.PersonNotFound: Problem(HTTPStatus.NOT_FOUND, "person-not-found", _("There is no such person"), NOT_THERE),
    errors.StillActive: Problem(
        HTTPStatus.CONFLICT,
        "person-active",
        _("This person can still sign in"),
        _("Deactivate the person first. Only then can be erased who they were."),
    ),
    errors.ErasedAlready: Problem(
        HTTPStatus.CONFLICT,
        "person-erased",
        _("This person is erased already"),
        _("Nothing here tells any more who it was. There is nothing more to do."),
    ),
    errors.UnknownRole: Problem(
        HTTPStatus.BAD_REQUEST,
        "unknown-role",
        _("There is no such role"),
        _("Choose one of the roles that an organisation can give."),
        faults=at("#/role", "unknown_choice", _("There is no such role.")),
    ),
    errors.LastGlobalAdmin: Problem(
        HTTPStatus.CONFLICT,
        "last-global-admin",
        _("Somebody must remain global admin"),
        _("This is the last global admin of the organisation. Make somebody else global admin first."),
    ),
    errors.PartnerNotFound: Problem(
        HTTPStatus.NOT_FOUND,
        "partner-not-found",
        _("There is no such partner"),
        _("No partner has this name. Ask the partner for the name that the portal knows them by."),
        faults=at("#/partner", "not_found", _("No partner has this name.")),
    ),
    errors.DelegationNotFound: Problem(
        HTTPStatus.NOT_FOUND, "delegation-not-found", _("There is no such delegation"), NOT_THERE
    ),
    errors.DelegationExists: Problem(
        HTTPStatus.CONFLICT,
        "delegation-exists",
        _("The partner holds a delegation already"),
        _("End the delegation that this partner holds, then grant the new one."),
    ),
    errors.InvalidDelegation: Problem(
        HTTPStatus.BAD_REQUEST,
        "invalid-delegation",
        _("This cannot be delegated"),
        _(
            "Choose at least one duty that can be delegated, and an end within the next two years; of an ask, no more "
            "than was asked for."
        ),
    ),
    errors.DelegationAskNotFound: Problem(
        HTTPStatus.NOT_FOUND, "delegation-ask-not-found", _("There is no such ask"), NOT_THERE
    ),
    errors.AskedAlready: Problem(
        HTTPStatus.CONFLICT,
        "asked-already",
        _("You have asked already"),
        _("An ask to this address is open. Wait for the answer, or withdraw it and ask again."),
    ),
    errors.AskSettled: Problem(
        HTTPStatus.CONFLICT,
        "ask-settled",
        _("The ask is no longer open"),
        _("It was answered, withdrawn, or lapsed after 30 days. The partner can ask again."),
    ),
    errors.InvalidAddress: Problem(
        HTTPStatus.BAD_REQUEST,
        "invalid-address",
        _("This can be no customer"),
        ADDRESS_FAULT,
        faults=at("#/customer", "invalid", ADDRESS_FAULT),
    ),
    errors.InvalidReason: Problem(
        HTTPStatus.BAD_REQUEST,
        "invalid-reason",
        _("The reason cannot be kept as it is"),
        lambda error: text_fault(error.fault),
        faults=lambda error: [FieldFault("#/reason", error.fault, text_fault(error.fault))],
    ),
    errors.DelegationOver: Problem(
        HTTPStatus.FORBIDDEN,
        "delegation-over",
        _("You no longer act for this customer"),
        _("The customer ended the delegation, or it ran out. Ask them to grant it again if there is work left to do."),
    ),
    errors.DrawnForAnother: Problem(
        HTTPStatus.CONFLICT,
        "drawn-for-another",
        _("You act for another organisation now"),
        _("The header X-Acting-For names another organisation than the one chosen in this session. Nothing was done."),
    ),
    errors.InvalidPreference: Problem(
        HTTPStatus.BAD_REQUEST,
        "invalid-preference",
        _("There is no such language or time zone"),
        _("Choose one of those on offer."),
        faults=lambda error: [FieldFault(f"#/{error.field}", "unknown_choice", _now("Choose one of those on offer."))],
    ),
    errors.TokenNotFound: Problem(HTTPStatus.NOT_FOUND, "token-not-found", _("There is no such token"), NOT_THERE),
    errors.TokenChanged: Problem(
        HTTPStatus.PRECONDITION_FAILED,
        "version-mismatch",
        _("It has changed since you read it"),
        _("Read it again, look at what changed, and repeat your change with the new ETag."),
        extra=lambda error: {"current_version": error.current},
        headers=lambda error: {"ETag": f'"{error.current}"'},
    ),
    errors.InvalidCalendar: Problem(
        HTTPStatus.BAD_REQUEST,
        "invalid-business-hours",
        _("The business hours are not right"),
        _("Correct what is named in errors. Nothing has been changed."),
        faults=_calendar_faults,
    ),
    errors.CalendarChanged: Problem(
        HTTPStatus.PRECONDITION_FAILED,
        "business-hours-changed",
        _("The business hours have changed since you read them"),
        _("Read them again, look at what changed, and repeat your change with the new ETag."),
        extra=lambda error: {"current_version": error.current},
        headers=lambda error: {"ETag": f'"{error.current}"'},
    ),
    errors.CalendarVersionNotFound: Problem(
        HTTPStatus.NOT_FOUND,
        "calendar-version-not-found",
        _("There is no such version of the business hours"),
        NOT_THERE,
    ),
    errors.ShiftNotFound: Problem(HTTPStatus.NOT_FOUND, "shift-not-found", _("There is no such shift"), NOT_THERE),
    errors.DutyPatternNotFound: Problem(
        HTTPStatus.NOT_FOUND, "duty-pattern-not-found", _("There is no such weekly duty"), NOT_THERE
    ),
    errors.ShiftOverlaps: Problem(
        HTTPStatus.CONFLICT,
        "shift-overlaps",
        _("Somebody is on duty then"),
        _("One person at a time is on duty in a role. Take the other shift over, or choose another time."),
    ),
    errors.InvalidShift: Problem(
        HTTPStatus.BAD_REQUEST,
        "invalid-shift",
        _("This cannot be a shift"),
        lambda error: str(SHIFT_FAULTS[error.fault]),
    ),
    errors.InvalidDomain: Problem(
        HTTPStatus.BAD_REQUEST,
        "invalid-domain",
        _("This is no domain"),
        _("Write the part after the @ of your mail addresses, for example contoso.com."),
        faults=at(
            "#/name", "invalid", _("Write the part after the @ of your mail addresses, for example contoso.com.")
        ),
    ),
    errors.PublicDomain: Problem(
        HTTPStatus.BAD_REQUEST,
        "public-domain",
        _("Anybody can have an address there"),
        _("Only a domain of your own can be confirmed, not that of a public mail service."),
        faults=at(
            "#/name", "public", _("Only a domain of your own can be confirmed, not that of a public mail service.")
        ),
    ),
    errors.DomainStands: Problem(
        HTTPStatus.CONFLICT,
        "domain-stands",
        _("Your organisation has this domain already"),
        _("It stands in the list of domains. If it is not confirmed yet, ask for a mail there."),
    ),
    errors.TooManyDomains: Problem(
        HTTPStatus.CONFLICT,
        "too-many-domains",
        _("Your organisation has as many domains as it may"),
        _("Remove one that is not needed any more, or ask support for more."),
    ),
    errors.DomainNotFound: Problem(HTTPStatus.NOT_FOUND, "domain-not-found", _("There is no such domain"), NOT_THERE),
    errors.DomainConfirmed: Problem(
        HTTPStatus.CONFLICT,
        "domain-confirmed",
        _("The domain is confirmed already"),
        _("There is nothing left to prove."),
    ),
    errors.DomainLinkOver: Problem(
        HTTPStatus.GONE,
        "domain-link-over",
        _("This link confirms nothing"),
        _(
            "It works once, for 72 hours, for a global admin of the organisation that asked for it. Ask for a new mail "
            "on the page “Sign-in”. If that does not help either, write to support."
        ),
    ),
    errors.OutgoingFailed: Problem(
        HTTPStatus.FAILED_DEPENDENCY,
        "outgoing-failed",
        _("The other server could not be asked"),
        lambda error: str(OUTGOING_FAULTS[error.fault]),
    ),
    errors.SignOnFailed: Problem(
        HTTPStatus.FORBIDDEN,
        "sign-on-failed",
        _("You were not signed in"),
        lambda error: str(SIGN_ON_FAULTS[error.fault]),
    ),
    errors.SignOnNotSet: Problem(
        HTTPStatus.NOT_FOUND,
        "sign-on-not-set",
        _("There is no single sign-on yet"),
        _("A global admin sets it up on the page “Sign-in” of the organisation, or over the API."),
    ),
    errors.MappingNotFound: Problem(
        HTTPStatus.NOT_FOUND, "mapping-not-found", _("There is no such mapping"), NOT_THERE
    ),
    errors.SignOnChanged: Problem(
        HTTPStatus.PRECONDITION_FAILED,
        "sign-on-changed",
        _("Single sign-on has changed since you read it"),
        _("Somebody else has changed it. Look at how it stands now, and change it again if need be."),
        extra=lambda error: {"current_version": error.current},
        headers=lambda error: {"ETag": f'"{error.current}"'},
    ),
    errors.SignOnIsOn: Problem(
        HTTPStatus.CONFLICT,
        "sign-on-is-on",
        _("Single sign-on is switched on"),
        _("Issuer and client cannot change while people sign in through them. Switch it off first."),
    ),
    errors.SignOnNotReady: Problem(
        HTTPStatus.CONFLICT,
        "sign-on-not-ready",
        _("Single sign-on cannot be switched on yet"),
        lambda error: str(SIGN_ON_LACKS[error.lacks]),
    ),
    errors.InvalidSignOn: Problem(
        HTTPStatus.BAD_REQUEST,
        "invalid-sign-on",
        _("Single sign-on cannot be so"),
        lambda error: str(SIGN_ON_FIELDS[error.fault]),
        faults=lambda error: [FieldFault(f"#/{error.field}", error.fault, str(SIGN_ON_FIELDS[error.fault]))],
    ),
    errors.InvalidScope: Problem(
        HTTPStatus.BAD_REQUEST,
        "invalid-scope",
        _("There is no such scope"),
        _("Name at least one scope, and only scopes that exist."),
        faults=_unknown_scopes,
    ),
    errors.ScopesTooWide: Problem(
        HTTPStatus.FORBIDDEN,
        "scopes-too-wide",
        _("A token cannot give more than it has"),
        _("Leave out the scopes that the calling token lacks, or make the token in the portal."),
        faults=at("#/scopes", "not_permitted", _("The calling token lacks some of these scopes.")),
    ),
    errors.InvalidExpiry: Problem(
        HTTPStatus.BAD_REQUEST,
        "invalid-expiry",
        _("A token cannot end then"),
        _("Choose an instant in the next 365 days; a token that makes another cannot outlive itself."),
        faults=at("#/expires_at", "out_of_range", _("Choose an instant in the next 365 days.")),
    ),
    errors.InvalidKey: Problem(
        HTTPStatus.BAD_REQUEST,
        "invalid-idempotency-key",
        _("The idempotency key cannot be used"),
        KEY_FAULT,
        faults=lambda _error: [FieldFault("Idempotency-Key", "invalid", str(KEY_FAULT), kind="header")],
    ),
    errors.KeyReused: Problem(
        HTTPStatus.UNPROCESSABLE_ENTITY,
        "idempotency-key-reused",
        _("The idempotency key belongs to another call"),
        _("This key came with another address or body before. Use a new key for new work."),
    ),
    errors.KeyInUse: Problem(
        HTTPStatus.CONFLICT,
        "idempotency-key-in-use",
        _("The first call is still at work"),
        _("A call with this key has not ended yet. Try again in a second; you will get its answer."),
        headers=retry_after(1),
    ),
    errors.InvalidCursor: Problem(
        HTTPStatus.BAD_REQUEST,
        "invalid-cursor",
        _("The list cannot go on from there"),
        _("Take next or previous from a page of this very list, or begin again without a cursor."),
        faults=lambda _error: [
            FieldFault("cursor", "invalid", _now("This list gave out no such cursor."), kind="parameter")
        ],
    ),
    edge.ScopeMissing: Problem(
        HTTPStatus.FORBIDDEN,
        "scope-missing",
        _("The token lacks a scope"),
        scope_missing,
        extra=lambda error: {"scope": error.scope},
        headers=_challenge,
    ),
    edge.IfMatchRequired: Problem(
        HTTPStatus.PRECONDITION_REQUIRED,
        "if-match-required",
        _("Say which version you change"),
        _("Read the object and send its ETag in the header If-Match, so that no other change is lost."),
    ),
    edge.InvalidIfMatch: Problem(
        HTTPStatus.BAD_REQUEST,
        "invalid-if-match",
        _("If-Match is not one ETag"),
        _("Send the one ETag that you read, as it came, with its quotation marks."),
        faults=lambda _error: [FieldFault("If-Match", "invalid", _now('Send one ETag, as in "3".'), kind="header")],
    ),
    edge.InvalidQuery: Problem(
        HTTPStatus.BAD_REQUEST,
        "invalid-query",
        _("Some parameters are not right"),
        _("Correct or remove the parameters named in errors."),
        faults=query_faults,
    ),
    edge.UnknownAddress: Problem(
        HTTPStatus.NOT_FOUND, "unknown-address", _("There is no such address"), unknown_address
    ),
}
