"""The assessment in sentences (SE-5, SC-6)."""

from severity import wording
from severity.assessment import Case, Impact, assess


def assessed():
    return assess(
        Case(
            subject="Nobody can sign in",
            description="All employees are locked out, our firewall is fine.",
            impact=Impact(service_state="down", users_affected="single_user"),
        )
    )


def test_evidence_is_said_with_the_quoted_words():
    """SE-5"""
    sentences = wording.evidence_sentences(assessed(), limit=20)

    assert "By the answers, one user is affected" in sentences
    assert any(sentence == "“All employees” reads as everyone affected" for sentence in sentences)
    assert len(sentences) == len(set(sentences))


def test_what_would_change_the_answer_is_said():
    """SE-1"""
    sentences = [wording.counterfactual_sentence(change) for change in assessed().counterfactuals]

    assert "It would be A (critical) if several users are affected." in sentences


def test_a_contradiction_is_said_with_both_sides():
    """SE-1"""
    sentence = wording.contradiction_sentence(assessed().contradictions[0])

    assert "one user is affected" in sentence
    assert "“" in sentence


def test_an_uncertain_severity_says_how_the_request_is_treated():
    """Settled point 9"""
    assert "A (critical)" in wording.confirmation_notice(assessed())


def test_a_referral_gives_its_reason():
    """SC-6"""
    verdict = assess(Case(subject="Excel macro", description="My VBA macro shows error 1004.")).scope

    assert "macro" in wording.referral_reason(verdict)
