"""Categories and the kind of support each belongs to (CH-1), and the answers of the impact questions."""

CATEGORIES: dict[str, str] = {
    "technical.install_setup": "technical",
    "technical.configuration": "technical",
    "technical.advisory": "technical",  # how-to questions, for every plan (TE-4)
    "presales": "presales",
    "billing": "billing",
    "advisory": "advisory",  # elevated support only
}
IMPACT: dict[str, tuple[str, ...]] = {
    "service_state": ("down", "degraded", "available"),
    "users_affected": ("all_users", "multiple_users", "single_user"),
    "business_impact": ("severe", "moderate", "minimal"),
    "workaround": ("yes", "no"),
    "deadline_at_risk": ("yes", "no"),
}
CONTACT_METHODS = ("email", "phone", "callback")
REFERRALS = ("customer_network", "third_party", "scripting", "volume_licensing", "developer")
SCOPES = ("in_scope", *REFERRALS)  # each but the first is referred somewhere (SC-6)
LANGUAGES = ("en", "zh-Hant", "de", "es", "fr", "ja", "ko", "pt-BR")
TRANSLATED_LANGUAGES = (
    *("ar", "cs", "da", "de", "el", "en", "es", "fi", "fr", "he", "hi", "hu", "id", "it", "ja", "ko", "ms", "nb", "nl"),
    *("pl", "pt-BR", "pt-PT", "ro", "ru", "sk", "sv", "th", "tr", "uk", "vi", "zh-Hans", "zh-Hant"),
)  # LA-2: a translator is for the languages that engineers do not speak, so these are more than LANGUAGES
SUBSCRIPTION_OPTIONAL = ("presales", "billing")


def kind_of(category: str) -> str:
    """The kind of support of a category; KeyError for one that does not exist."""
    return CATEGORIES[category]
