"""What the app refuses to do."""

from enum import Enum, auto


class AccountsError(Exception):
    """Base of all refusals of this app."""


class Lack(Enum):
    """What somebody lacks who may not do something."""

    ROLE = auto()  # of a customer's or partner's own person
    DELEGATION = auto()  # of a partner's person who acts for a customer
    BEING_OWN = auto()  # the same, of what no customer can delegate
    ORGANISATION = auto()  # even a global admin may not: the organisation is of another kind
    STAFF_ROLE = auto()
    BEING_STAFF = auto()  # no role of customers includes it
    BEING_CUSTOMER = auto()  # no role of the support includes it


class NotPermitted(AccountsError):
    """The actor's roles do not include the act (RO-1); `lack` tells what is missing, and so who could change that."""

    def __init__(self, act: str, *, lack: Lack = Lack.ROLE) -> None:
        self.act, self.lack = act, lack
        super().__init__(act)


class Busy(AccountsError):
    """Somebody else holds what this act needs, for longer than it may wait (503)."""


class TooMany(AccountsError):
    """A rate limit is used up; `retry_after` is in whole seconds."""

    def __init__(self, bucket: str, *, limit: int, retry_after: int) -> None:
        self.bucket, self.limit, self.retry_after = bucket, limit, retry_after
        super().__init__(bucket)


class OrganisationNotFound(AccountsError):
    """There is no such organisation for this person (P-5)."""


class SubscriptionNotFound(AccountsError):
    """The organisation has no such subscription (P-5)."""


class TokenNotFound(AccountsError):
    """The person has no such token."""


class InvalidScope(AccountsError):
    """A token was asked for with scopes that do not exist."""


class KeyReused(AccountsError):
    """An idempotency key came back with another body (422)."""


class KeyInUse(AccountsError):
    """A call with the same idempotency key is still at work (409)."""


class InvalidCursor(AccountsError):
    """A list was asked to go on from a place that is not one."""


class PersonNotFound(AccountsError):
    """The organisation has no such person (P-5)."""


class TeamNotFound(AccountsError):
    """There is no such team."""


class OwnAccount(AccountsError):
    """Nobody gives, takes or closes for themselves (403, RO-3)."""


class LastOfRole(AccountsError):
    """Somebody must remain who can manage the staff (409): `role` has nobody else."""

    def __init__(self, role: str) -> None:
        self.role = role
        super().__init__(role)


class StillActive(AccountsError):
    """A person is erased only after their account was closed (409)."""


class ErasedAlready(AccountsError):
    """Nothing tells any more who this person was (409)."""


class UnknownRole(AccountsError):
    """There is no such role that an organisation could give."""


class LastGlobalAdmin(AccountsError):
    """An organisation always keeps at least one global admin (RO-1)."""


class RolesChanged(AccountsError):
    """Somebody else has changed the person's roles since they were read (409)."""


class ConfirmYourself(AccountsError):
    """The act takes rights from the very person who does it, and they have not confirmed it (409)."""


class AlreadyMember(AccountsError):
    """Whoever is invited belongs to the organisation already (409)."""


class InvitationWaiting(AccountsError):
    """An invitation to this address is waiting already (409)."""


class InvitationNotFound(AccountsError):
    """The organisation has no such invitation waiting, or there is no such link (P-5)."""


class InvitationChanged(AccountsError):
    """The invitation was sent again since it was read (412); `current` is its version now."""

    def __init__(self, current: int) -> None:
        self.current = current
        super().__init__(str(current))


class InvitationExpired(AccountsError):
    """The link's 72 hours are over, or whoever invited may no longer do so (410)."""


class AddressTaken(AccountsError):
    """The address has an account by now (409)."""


class PrincipalNotFound(AccountsError):
    """The organisation has no such service principal (P-5)."""


class PrincipalClosed(AccountsError):
    """The service principal has ended, and cannot be used again (409)."""


class PartnerNotFound(AccountsError):
    """There is no partner by this name that the organisation could appoint (PA-1)."""


class DelegationNotFound(AccountsError):
    """The organisation granted no such delegation (P-5, PA-1)."""


class DelegationExists(AccountsError):
    """The partner holds a delegation of this customer already; end it first (PA-1)."""


class InvalidDelegation(AccountsError):
    """A delegation needs duties that can be delegated, and an end within two years (PA-1)."""


class DelegationAskNotFound(AccountsError):
    """There is no such ask of or to the organisation (P-5, PA-1)."""


class AskedAlready(AccountsError):
    """The partner has an open ask by that name already; withdraw it first (PA-1)."""


class AskSettled(AccountsError):
    """The ask is no longer open: answered, withdrawn, or lapsed (PA-1)."""


class InvalidAddress(AccountsError):
    """Neither a short name nor a mail domain."""


class InvalidReason(AccountsError):
    """A reason that is missing or cannot be stored; `fault` says why."""

    def __init__(self, fault: str) -> None:
        self.fault = fault
        super().__init__(fault)


class DelegationOver(OrganisationNotFound):
    """The customer acted for is no longer there to act for: the delegation was ended, or ran out (PA-1, P-6)."""


class DrawnForAnother(AccountsError):
    """What is sent names another organisation than the one acted for now (PA-1)."""


class InvalidPreference(AccountsError):
    """A language or a time zone that does not exist; `field` names the input it came in."""

    def __init__(self, field: str) -> None:
        self.field = field
        super().__init__(field)


class InvalidKey(AccountsError):
    """An idempotency key that is not 1 to 64 visible ASCII characters."""


class SignInRequired(AccountsError):
    """Nobody is signed in (401)."""


class ScopesTooWide(AccountsError):
    """A token was to make another one with scopes that it does not have itself."""


class InvalidExpiry(AccountsError):
    """A token was asked for that would end in the past, or later than it may."""


class TokenChanged(AccountsError):
    """The token is not the one that was read (412); `current` is its version now."""

    def __init__(self, current: int) -> None:
        self.current = current
        super().__init__(str(current))


class InvalidCalendar(AccountsError):
    """Business hours that cannot be kept; `problems` holds place, code and sentence of each fault."""

    def __init__(self, problems: list[tuple[str, str, str]]) -> None:
        self.problems = problems
        super().__init__("; ".join(f"{place or 'document'}: {code}" for place, code, _ in problems))


class CalendarChanged(AccountsError):
    """Somebody else has changed the business hours since they were read (412); `current` is their version now."""

    def __init__(self, current: int) -> None:
        self.current = current
        super().__init__(str(current))


class CalendarVersionNotFound(AccountsError):
    """The organisation has no calendar of this version (P-5)."""


class ShiftNotFound(AccountsError):
    """There is no such shift in the rota."""


class DutyPatternNotFound(AccountsError):
    """There is no such weekly pattern in the rota."""


class ShiftOverlaps(AccountsError):
    """Somebody else is on duty in that role at that time (409)."""


class InvalidShift(AccountsError):
    """A shift or pattern that cannot be; `field` says where, `fault` what is wrong."""

    def __init__(self, field: str, fault: str) -> None:
        self.field, self.fault = field, fault
        super().__init__(f"{field}: {fault}")


class InvalidDomain(AccountsError):
    """What was given is no name of a domain that could receive mail."""


class PublicDomain(AccountsError):
    """Anybody can have an address there, so nobody confirms it as their own."""


class DomainStands(AccountsError):
    """The organisation has this domain already (409)."""


class TooManyDomains(AccountsError):
    """The organisation has as many domains as it may (409)."""


class DomainNotFound(AccountsError):
    """The organisation has no such domain (P-5)."""


class DomainConfirmed(AccountsError):
    """The domain is confirmed already; there is nothing to prove (409)."""


class DomainLinkOver(AccountsError):
    """The link of a mail confirms nothing (any more), for whatever reason (410)."""


class InvalidParticulars(AccountsError):
    """Something about an organisation, a plan, a contract or staff that cannot be; `field` says where, `fault` what."""

    def __init__(self, field: str, fault: str) -> None:
        self.field, self.fault = field, fault
        super().__init__(f"{field}: {fault}")


class NameTaken(AccountsError):
    """Another organisation, plan or team has this short name (409)."""


class RecordChanged(AccountsError):
    """Somebody else has changed what was read (412); `current` is its version now."""

    def __init__(self, current: int) -> None:
        self.current = current
        super().__init__(str(current))


class OrganisationClosed(AccountsError):
    """The organisation is closed: nothing is promised to it any more until it is opened again (409)."""


class PartnerHasCustomers(AccountsError):
    """Customers have appointed this partner; they end that first (409, PA-1)."""


class PlanNotFound(AccountsError):
    """There is no such plan, or none that can be subscribed to."""


class ContractNotFound(AccountsError):
    """The organisation has no such contract."""


class ContractOverlaps(AccountsError):
    """The organisation has another elevated contract in that time (409)."""


class WrongCode(AccountsError):
    """No code, recovery code or key of this person's second factors."""


class FactorNotFound(AccountsError):
    """The person has no such second factor."""


class FactorExists(AccountsError):
    """The person has an authenticator app already; it has to be removed first."""


class FactorNeeded(AccountsError):
    """The last second factor of somebody who must have one (REQUIRE_SECOND_FACTOR)."""


class SecondFactorRequired(AccountsError):
    """A session without a second factor, of somebody who must have one."""


class SessionNotFound(AccountsError):
    """The person has no such session, or it has ended."""


class MailChangeOver(AccountsError):
    """There is no change of a mail address to confirm: unknown, expired, cancelled, replaced, or done."""


class OutgoingFailed(AccountsError):
    """A server that somebody named could not be asked, or its answer not used; `fault` says why (424)."""

    def __init__(self, fault: str) -> None:
        self.fault = fault
        super().__init__(fault)


class SignOnFailed(AccountsError):
    """Signing in through an organisation's issuer did not come about; `fault` says why (403)."""

    def __init__(self, fault: str) -> None:
        self.fault = fault
        super().__init__(fault)


class SignOnNotSet(AccountsError):
    """The organisation has no single sign-on yet (404)."""


class MappingNotFound(AccountsError):
    """The organisation gives no role by such a claim (P-5)."""


class SignOnChanged(AccountsError):
    """Somebody else has changed single sign-on since it was read (412); `current` is its version now."""

    def __init__(self, current: int) -> None:
        self.current = current
        super().__init__(str(current))


class SignOnIsOn(AccountsError):
    """Issuer and client cannot change while people sign in through them; it is to be switched off first (409)."""


class SignOnNotReady(AccountsError):
    """Single sign-on cannot be switched on: untested, or without a confirmed domain (409); `lacks` says what."""

    def __init__(self, lacks: str) -> None:
        self.lacks = lacks
        super().__init__(lacks)


class InvalidSignOn(AccountsError):
    """Settings of single sign-on that cannot be; `field` says where."""

    def __init__(self, field: str, fault: str) -> None:
        self.field, self.fault = field, fault
        super().__init__(f"{field}: {fault}")
