"""Sentences for the faults of what people type, shared by forms, API and refusals."""

from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext

from accounts import text

TEXT_FAULTS: dict[str, Promise] = {
    text.CONTROL_CHARACTER: gettext_lazy("Remove the control characters and line breaks that have no place here."),
    text.BIDI_CONTROL: gettext_lazy("Remove the invisible characters that change the direction of writing."),
    text.ZERO_WIDTH: gettext_lazy("Remove the invisible characters."),
    text.SURROGATE: gettext_lazy("Remove the characters that are not complete; they are halves of a pair."),
    text.STACKED_MARKS: gettext_lazy("Use fewer accents on one letter."),
    "tag_characters": gettext_lazy(
        "Begin with a letter or digit; beside these use single spaces and - _ . / : + # & alone."
    ),
    "empty": gettext_lazy("Write something here."),
    "too_long": gettext_lazy("Shorten this text; it is longer than we can keep."),
}

UNKNOWN_HOLIDAYS = gettext_lazy(
    "We know no public holidays of this country and region. Choose another, or none and add the days yourselves."
)

SHIFT_FAULTS: dict[str, Promise] = {
    "past": gettext_lazy("It is over. Choose a time to come."),
    "outside": gettext_lazy("Choose a time within the shift."),
    "ends_before_start": gettext_lazy("Let it end after it starts."),
    "too_long": gettext_lazy("Let it last no longer than 14 days."),
    "too_far": gettext_lazy("Choose a day between 2000 and 2100."),
    "none": gettext_lazy("Choose at least one day."),
    "unknown_timezone": gettext_lazy("Choose a time zone from the list, for example Asia/Taipei."),
    "unknown_team": gettext_lazy("Choose one of the teams."),
    "unknown_role": gettext_lazy("Choose one of the roles of the rota."),
    "out_of_range": gettext_lazy("Choose from 1 to 12 weeks."),
}

SHORT_NAME_FAULT = gettext_lazy("Use small letters of a to z, digits and single hyphens between them, at most 60.")
PARTICULARS_FAULTS: dict[str, Promise] = {
    **TEXT_FAULTS,
    "slug": SHORT_NAME_FAULT,
    "country": gettext_lazy("Choose a country or region from the list."),
    "subdivision": gettext_lazy("Choose a part of this country, by the code that follows its own, or leave it out."),
    "unknown_timezone": gettext_lazy("Choose a time zone from the list, for example Asia/Taipei."),
    "language": gettext_lazy("Give the tag of a language, such as en or zh-Hant."),
    "hours": gettext_lazy("Write hours such as 9:00–17:30, several with commas between them and none that overlap."),
    "none": gettext_lazy("Choose at least one."),
    "choice": gettext_lazy("Choose one of those on offer."),
    "seats": gettext_lazy("Choose from 1 to 10,000,000 seats."),
    "past": gettext_lazy("Choose today or a day to come: what was promised before stays as it was."),
    "ends_before_start": gettext_lazy("Let it end after it starts."),
    "standalone": gettext_lazy("Standalone plans are handled as the Enterprise tier. Choose that one."),
    "professional_direct": gettext_lazy(
        "Professional Direct is offered in the United States, Canada and the United Kingdom only. Choose another kind."
    ),
}


OUTGOING_FAULTS: dict[str, Promise] = {
    "url": gettext_lazy("Write an address that begins with https://, without a user name and with no unusual port."),
    "address": gettext_lazy(
        "Its name leads into a network that the portal may not ask. Write an address that is public."
    ),
    "unreachable": gettext_lazy("Nobody answers there. See whether the address is right and the server running."),
    "tls": gettext_lazy("Its certificate cannot be trusted. It must be valid, and for this very name."),
    "timeout": gettext_lazy("It took too long to answer. Try again; if it stays so, look at the server."),
    "busy": gettext_lazy("Too many other servers keep the portal waiting just now. Try again in a minute."),
    "redirect": gettext_lazy(
        "It leads elsewhere, which the portal does not follow. Write the address that it leads to."
    ),
    "too_large": gettext_lazy("Its answer is larger than 64 KiB."),
    "answer": gettext_lazy("Its answer is not what the standard asks for. See whether the address is right."),
}

# Who was not let in through an issuer is told what to do; not whether somebody else has an account (P-5).
SIGN_ON_FAULTS: dict[str, Promise] = {
    "off": gettext_lazy("Single sign-on is not available here. Sign in with your password, or ask your global admin."),
    "state": gettext_lazy("This sign-in was not begun in this browser, or too long ago. Begin it again."),
    "denied": gettext_lazy("The sign-in was given up at your organisation. Begin it again when you are ready."),
    "issuer": gettext_lazy("The answer comes from another issuer than your organisation's. Tell your global admin."),
    "changed": gettext_lazy("Your organisation has changed its single sign-on this very moment. Begin again."),
    "code": gettext_lazy("Your organisation's issuer took this sign-in back. Begin it again."),
    "token": gettext_lazy(
        "What your organisation's issuer said does not hold. Begin again; if it stays so, tell your global admin."
    ),
    "secret": gettext_lazy("The client secret cannot be read any more. A global admin has to enter it again."),
    "unverified": gettext_lazy(
        "Your organisation's issuer does not vouch for your mail address. Tell your global admin."
    ),
    "domain": gettext_lazy(
        "Your mail address lies in no domain that your organisation has confirmed. Tell your global admin."
    ),
    "unknown": gettext_lazy("There is no account for you yet. A global admin of your organisation can give you one."),
    "subject": gettext_lazy(
        "Your account belongs to another identity at your organisation. A global admin can release it."
    ),
}
SIGN_ON_FIELDS: dict[str, Promise] = {
    "missing": gettext_lazy("Write something here."),
    "url": gettext_lazy("Write an address that begins with https://, without a user name and with no unusual port."),
    "too_many": gettext_lazy("There are as many as there may be. Remove one that is not needed any more."),
}
SIGN_ON_LACKS: dict[str, Promise] = {
    "test": gettext_lazy("Test the connection first, with the settings as they stand."),
    "domain": gettext_lazy("Confirm a domain first: only people with an address there can sign in."),
}


def text_fault(code: str) -> str:
    """The sentence for one fault of a text."""
    return str(TEXT_FAULTS.get(code, _("This text cannot be accepted as it is.")))


def too_long(limit: int) -> str:
    """The sentence for a text beyond `limit` characters."""
    return ngettext("Use no more than %(limit)d character.", "Use no more than %(limit)d characters.", limit) % {
        "limit": limit
    }
