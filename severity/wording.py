"""The assessment in sentences that people read, in the language that is active (SE-5, SC-6)."""

from collections.abc import Iterable, Mapping

from django.utils.functional import Promise
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from severity.assessment import Assessment, Contradiction, Counterfactual, Evidence, ScopeVerdict

Text = str | Promise

SEVERITIES: Mapping[str, Text] = {
    "A": _("A (critical)"),
    "B": _("B (high)"),
    "C": _("C (non-critical)"),
}

# Why the row of the table fits (SE-2 … SE-4).
ROWS: Mapping[str, Text] = {
    "trivial": _("The impact is described as minimal, or only a test system is concerned."),
    "trivial_but_lost": _("The impact is given as minimal, although several people have lost a service."),
    "severe_but_available": _(
        "Business or a deadline is severely affected for several people, although the service is available."
    ),
    "severe_one_available": _("Business is severely affected, although the service is available."),
    "nothing_impaired": _("This is a question, a request or a purchase; nothing is impaired."),
    "lost_by_many": _("A service cannot be reached or used by several people, or a whole site or service is down."),
    "mail_flow": _("Sending or receiving mail fails or is long delayed for several people."),
    "severe_impact": _("Production, operations, a deadline or profit is severely affected for more than one person."),
    "severe_for_one": _("The impact on the business is severe, for one person or as far as is known."),
    "purchase": _("This is about buying or billing, and nobody has lost a service."),
    "lost_by_one": _("A service cannot be used by one person, and no way round is known."),
    "setting_without_effect": _("A setting of the organisation or of an administrator does not take effect."),
    "several_impaired": _("Several people are impaired; the service can still be used."),
    "moderate_impact": _("The impact on the business is moderate."),
    "workaround": _("One person is impaired, and there is a way round."),
    "minor_function": _("One person cannot use a minor function."),
    "one_impaired": _("The service works but is impaired, and no way round is known."),
}

# What a form answer says; the same words complete counterfactuals.
ANSWERS: Mapping[tuple[str, str], Text] = {
    ("service_state", "down"): _("the service cannot be used"),
    ("service_state", "degraded"): _("the service is impaired"),
    ("service_state", "available"): _("the service is available"),
    ("users_affected", "all_users"): _("all users are affected"),
    ("users_affected", "multiple_users"): _("several users are affected"),
    ("users_affected", "single_user"): _("one user is affected"),
    ("business_impact", "severe"): _("the impact on the business is severe"),
    ("business_impact", "moderate"): _("the impact on the business is moderate"),
    ("business_impact", "minimal"): _("the impact on the business is minimal"),
    ("workaround", "yes"): _("there is a way round"),
    ("workaround", "no"): _("there is no way round"),
    ("deadline_at_risk", "yes"): _("a deadline is at risk"),
    ("deadline_at_risk", "no"): _("no deadline is at risk"),
}

# What quoted words are evidence of.
FEATURES: Mapping[str, Text] = {
    "state.outage": _("“%(words)s” reads as an outage"),
    "state.down": _("“%(words)s” reads as a service that cannot be used"),
    "state.partial": _("“%(words)s” reads as a part of a service that cannot be used"),
    "state.impaired": _("“%(words)s” reads as something impaired"),
    "mail.flow": _("“%(words)s” reads as mail that does not flow"),
    "mail.delay": _("“%(words)s” reads as delayed mail"),
    "setting.ineffective": _("“%(words)s” reads as a setting without effect"),
    "function.minor": _("“%(words)s” names a minor function"),
    "breadth.all": _("“%(words)s” reads as everyone affected"),
    "breadth.several": _("“%(words)s” reads as several people affected"),
    "breadth.one": _("“%(words)s” reads as one person affected"),
    "breadth.person": _("“%(words)s” reads as the writer's own problem"),
    "breadth.we": _("“%(words)s” speaks for the organisation"),
    "impact.severe": _("“%(words)s” reads as severe impact on the business"),
    "impact.deadline": _("“%(words)s” reads as a deadline at risk"),
    "impact.trivial": _("“%(words)s” reads as little impact"),
    "system.test": _("“%(words)s” reads as a test or training system"),
    "workaround.stated": _("“%(words)s” reads as a way round"),
    "workaround.none": _("“%(words)s” reads as no way round"),
    "ask.question": _("“%(words)s” reads as a question"),
    "ask.sentence": _("“%(words)s” is a question"),
    "ask.request": _("“%(words)s” reads as a request"),
    "ask.documentation": _("“%(words)s” reads as feedback on documentation"),
    "ask.presales": _("“%(words)s” reads as a question before buying"),
    "ask.billing": _("“%(words)s” reads as a matter of billing"),
    "scope.customer_network": _("“%(words)s” points to the customer's own network"),
    "scope.third_party": _("“%(words)s” points to another vendor's product"),
    "scope.scripting": _("“%(words)s” points to a script or macro"),
    "scope.volume_licensing": _("“%(words)s” points to volume licensing"),
    "scope.developer": _("“%(words)s” points to development on the platform"),
}

# What the words of a clause add that stands in no list.
WORDS: Mapping[str, Text] = {
    "raises": _("“%(words)s” suggests a more serious problem"),
    "lowers": _("“%(words)s” suggests a less serious one"),
}

# Why words count for less where they stand.
CONTEXTS: Mapping[str, Text] = {
    "negated": _("but is denied"),
    "hypothetical": _("but only as a possibility"),
    "past": _("but lies in the past"),
    "resolved": _("but is over"),
    "elsewhere": _("but happened elsewhere"),
    "asked": _("but is only asked about"),
    "apart": _("but is told apart from the trouble"),
    "repair": _("but asks for a repair"),
}

CONTRADICTIONS: Mapping[str, Text] = {
    "impaired": _("By the answers, %(answer)s, but “%(words)s” says that something is wrong."),
    "question": _("By the answers, %(answer)s, but “%(words)s” reads as a question or request."),
    "several": _("By the answers, %(answer)s, but “%(words)s” says that several people are."),
    "one": _("By the answers, %(answer)s, but “%(words)s” says that it is one person."),
    "workaround": _("By the answers, %(answer)s, but “%(words)s” describes one."),
    "severe": _("By the answers, %(answer)s, but “%(words)s” describes severe impact."),
    "trivial": _("By the answers, %(answer)s, but “%(words)s” says that it matters little."),
}

REFERRALS: Mapping[str, Text] = {
    "customer_network": _(
        "This looks like a problem of your own network, which is beyond the boundary of our technical support."
    ),
    "third_party": _("This looks like a matter of another vendor's service or add-in, which we do not support."),
    "scripting": _("This looks like a matter of a script or macro, which the product team does not support."),
    "volume_licensing": _(
        "This looks like a matter of volume licences or keys, which the volume licensing service centre handles."
    ),
    "developer": _("This looks like development on the platform, for which there are developer resources."),
}

_LONGEST_QUOTE = 120


def severity_name(severity: str) -> str:
    """Return the name of a severity, such as “A (critical)”."""
    return str(SEVERITIES[severity])


def reason(assessment: Assessment) -> str:
    """Return the sentence that says which row of the table fits (SE-1)."""
    return str(ROWS[assessment.row])


def evidence_sentence(evidence: Evidence) -> str:
    """Return one piece of evidence as a phrase that can stand in a list."""
    if evidence.source == "answer":
        answer = ANSWERS[evidence.code.removeprefix("answer."), evidence.text]
        return gettext("By the answers, %(answer)s") % {"answer": answer}
    sentence = WORDS[evidence.direction] if evidence.code == "words" else FEATURES[evidence.code]
    said = str(sentence) % {"words": _shortened(evidence.text)}
    if evidence.context:
        return gettext("%(evidence)s, %(context)s") % {"evidence": said, "context": CONTEXTS[evidence.context]}
    return said


def evidence_sentences(assessment: Assessment, *, limit: int = 6) -> list[str]:
    """Return the evidence that a person reads first, without repeating the same words."""
    return _unique(map(evidence_sentence, assessment.evidence))[:limit]


def counterfactual_sentence(counterfactual: Counterfactual) -> str:
    """Return what would change the severity: “It would be A (critical) if …”."""
    return gettext("It would be %(severity)s if %(condition)s.") % {
        "severity": SEVERITIES[counterfactual.severity],
        "condition": ANSWERS[counterfactual.answer, counterfactual.value],
    }


def contradiction_sentence(contradiction: Contradiction) -> str:
    """Return how an answer and the words disagree."""
    answer = ANSWERS[contradiction.answer, contradiction.value]
    return str(CONTRADICTIONS[contradiction.said]) % {"answer": answer, "words": _shortened(contradiction.text)}


def referral_reason(verdict: ScopeVerdict) -> str:
    """Return why a request is referred elsewhere, or nothing where it is in scope (SC-6)."""
    return str(REFERRALS.get(verdict.scope, ""))


def confirmation_notice(assessment: Assessment) -> str:
    """Return the notice that a person will confirm the severity, or nothing where none is needed."""
    if not assessment.needs_confirmation:
        return ""
    return gettext("We are not certain. Until a person has confirmed it, your request is treated as %(severity)s.") % {
        "severity": SEVERITIES[assessment.candidate]
    }


def language_notice(assessment: Assessment) -> str:
    """Return the notice that the words were hardly understood, or nothing."""
    if assessment.language_known:
        return ""
    return gettext("We could not read the language of your text well; your answers count all the more.")


def _shortened(words: str) -> str:
    words = " ".join(words.split())
    return words if len(words) <= _LONGEST_QUOTE else words[: _LONGEST_QUOTE - 1] + "…"


def _unique(sentences: Iterable[str]) -> list[str]:
    return list(dict.fromkeys(sentences))
