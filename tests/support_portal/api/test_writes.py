"""Changes over the API: keys that make them repeatable, versions that keep them apart."""

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile

from accounts.models import ApiToken, IdempotencyKey
from tests import factories
from tests.support_portal.api.raising import EchoView

pytestmark = [pytest.mark.django_db, pytest.mark.urls("tests.support_portal.api.raising")]
ECHO = "/api/v1/echo/"


@pytest.fixture(autouse=True)
def no_work_yet():
    EchoView.works = 0


def post(api, subject="Mail is down", key="9f3c", **headers):
    return api.post(ECHO, {"subject": subject}, format="json", headers={"Idempotency-Key": key, **headers})


def test_a_repeated_call_gets_the_first_answer_and_does_no_work(api):
    """P-2"""
    first, second = post(api), post(api)

    assert (first.status_code, second.status_code) == (201, 201)
    assert first.json() == second.json() == {"subject": "Mail is down", "works": 1, "version": None}
    assert not first.has_header("Idempotency-Replayed")
    assert second["Idempotency-Replayed"] == "true"


def test_a_call_without_a_key_is_done_every_time(api):
    """Settled point 11: the key is optional"""
    answers = [api.post(ECHO, {"subject": "x"}, format="json").json()["works"] for _ in range(2)]

    assert answers == [1, 2]
    assert not IdempotencyKey.objects.exists()


def test_the_same_key_with_another_body_is_refused(api):
    """RELIABILITY.md, API: 422"""
    post(api)

    refused = post(api, subject="Calendar is down")

    assert (refused.status_code, refused.json()["code"]) == (422, "idempotency-key-reused")


def test_the_same_key_at_another_address_is_refused(api):
    post(api)

    body = {"name": "x", "scopes": ["requests:read"]}
    refused = api.post("/api/v1/tokens/", body, format="json", headers={"Idempotency-Key": "9f3c"})

    assert refused.status_code == 422


@pytest.mark.parametrize("key", ["", "a b", "x" * 65, "Schlüssel"])
def test_a_key_is_1_to_64_visible_ascii_characters(api, key):
    """RELIABILITY.md, API"""
    refused = post(api, key=key)

    assert (refused.status_code, refused.json()["code"]) == (400, "invalid-idempotency-key")
    assert refused.json()["errors"][0]["header"] == "Idempotency-Key"


def upload(api, content, name="log.txt"):
    file = SimpleUploadedFile(name, content)
    return api.post("/api/v1/upload/", {"file": file}, format="multipart", headers={"Idempotency-Key": "up"})


def test_an_upload_can_be_repeated_although_its_boundary_differs(api):
    """P-2"""
    first, second = upload(api, b"x" * 3_000_000), upload(api, b"x" * 3_000_000)

    assert first.json() == second.json() == {"sizes": [3_000_000]}
    assert second["Idempotency-Replayed"] == "true"


@pytest.mark.parametrize(("content", "name"), [(b"y", "log.txt"), (b"x", "other.txt")])
def test_another_file_is_another_body(api, content, name):
    upload(api, b"x")

    assert upload(api, content, name).status_code == 422


def test_an_upload_that_is_none_is_refused(api):
    refused = api.generic("POST", "/api/v1/upload/", "--x\r\nnonsense", content_type="multipart/form-data")

    assert (refused.status_code, refused.json()["code"]) == (400, "malformed-request")


def test_only_success_is_kept(api):
    """RELIABILITY.md, API: only 2xx are stored"""
    assert post(api, subject="taken").status_code == 409
    assert post(api, subject="").status_code == 400
    assert not IdempotencyKey.objects.exists()

    assert post(api).json()["works"] == 3


def test_a_colleague_has_keys_of_their_own(api, organisation):
    post(api)

    colleague = factories.api_of(factories.make_person(organisation, "global_admin"))

    assert post(colleague).json()["works"] == 2


def test_a_replay_passes_todays_access_check(api, admin):
    """RELIABILITY.md: key after losing access"""
    body, key = {"name": "x", "scopes": ["requests:read"]}, {"Idempotency-Key": "k"}
    assert api.post("/api/v1/tokens/", body, format="json", headers=key).status_code == 201

    admin.role_grants.all().delete()

    assert api.post("/api/v1/tokens/", body, format="json", headers=key).status_code == 403


def test_a_replay_carries_address_and_version_and_no_secret(api):
    """Secrets are shown once"""
    body, key = {"name": "x", "scopes": ["requests:read"]}, {"Idempotency-Key": "k"}

    first = api.post("/api/v1/tokens/", body, format="json", headers=key)
    second = api.post("/api/v1/tokens/", body, format="json", headers=key)

    assert ApiToken.objects.filter(name="x").count() == 1
    assert first.json()["secret"].startswith("sp_")
    assert second.json() == {**first.json(), "secret": None}
    assert [second[name] for name in ("Location", "ETag")] == [first[name] for name in ("Location", "ETag")]
    assert first.json()["secret"] not in IdempotencyKey.objects.get().body


def test_a_change_must_name_its_version(api):
    """Settled point 11: 428"""
    refused = api.patch(ECHO, {"subject": "x"}, format="json")

    assert (refused.status_code, refused.json()["code"]) == (428, "if-match-required")


@pytest.mark.parametrize(
    ("header", "version"),
    [('"3"', 3), ("*", None), ('W/"3"', -1), ('"abc"', -1), ('"٣"', -1), ('"99999999999"', -1), ('""', -1)],
)
def test_if_match_names_a_version_or_any_or_none_that_ever_was(api, header, version):
    """RFC 9110: weak tags never match"""
    response = api.patch(ECHO, {"subject": "x"}, format="json", headers={"If-Match": header})

    assert response.json() == {"version": version}
    assert response["ETag"] == '"7"'


@pytest.mark.parametrize("header", ['"3", "4"', "3", "", '"3'])
def test_if_match_is_one_etag_as_it_came(api, header):
    """RFC 9110: what is no ETag at all is not told to read again, which would not help"""
    refused = api.patch(ECHO, {"subject": "x"}, format="json", headers={"If-Match": header})

    assert (refused.status_code, refused.json()["code"]) == (400, "invalid-if-match")


def test_an_action_may_name_a_version(api):
    """Settled point 11: optional on action POSTs"""
    assert post(api, key="a").json()["version"] is None
    assert post(api, key="b", **{"If-Match": '"5"'}).json()["version"] == 5
