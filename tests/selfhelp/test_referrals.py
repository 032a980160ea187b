"""What is beyond support is referred to who can help (SC-1 to SC-6)."""

import pytest

from selfhelp.errors import UnknownReferral
from selfhelp.selectors import referral, referral_codes


def test_there_is_a_referral_for_each_verdict_beyond_support():
    """SC-1, SC-2, SC-3, SC-4, SC-5"""
    assert referral_codes() == ("customer_network", "third_party", "scripting", "volume_licensing", "developer")


@pytest.mark.parametrize("code", ["customer_network", "third_party", "scripting", "volume_licensing", "developer"])
@pytest.mark.parametrize("language", ["en", "zh-Hant"])
def test_a_referral_tells_why_what_to_do_and_where(code, language):
    """SC-6"""
    found = referral(code, language=language)

    assert found.title
    assert found.explanation
    assert found.next_steps
    assert all(link.label and link.url.startswith("https://") for link in found.links)
    assert found.links


def test_a_script_is_referred_to_general_support_with_developer_resources_second():
    """SC-3"""
    first, second, *_ = referral("scripting", language="en").links

    assert first.url == "https://support.microsoft.com/"
    assert second.label == "Developer resources"


def test_what_is_in_scope_has_no_referral():
    """SC-6"""
    with pytest.raises(UnknownReferral):
        referral("in_scope", language="en")
