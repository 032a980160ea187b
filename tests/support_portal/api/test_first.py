import pytest
from tests import factories
@pytest.mark.django_db
def test_x(django_assert_max_num_queries):
    org = factories.make_organisation("acme"); p = factories.make_person(org, "global_admin")
    c = factories.api_of(p)
    r = c.get("/api/v1/me/"); print(r.status_code, r.headers, r.json())
    with django_assert_max_num_queries(3) as q:
        r = c.get("/api/v1/plans/?page_size=2"); print(r.json(), r.headers)
    for x in q.captured_queries: print(x["sql"])
    r = c.post("/api/v1/tokens/", {"name": "x", "scopes": ["requests:read"], "y": 1}); print(r.status_code, r.json())
    r = c.post("/api/v1/tokens/", {"name": "x", "scopes": ["requests:read"]}, headers={"Idempotency-Key":"1"}); print(r.status_code, r.json(), r.headers)
    r = c.post("/api/v1/tokens/", {"name": "x", "scopes": ["requests:read"]}, headers={"Idempotency-Key":"1"}); print(r.status_code, r.json(), r.headers)
    r = c.post("/api/v1/tokens/", {"name": "y", "scopes": ["requests:read"]}, headers={"Idempotency-Key":"1"}); print(r.status_code, r.json())
    for u in ("/api/v1/nix", "/api/v1/me", "/api/v1/docs/", "/api/v1/docs/errors/","/api/v1/docs/?script="):
        r = c.get(u); print(u, r.status_code, r.content[:300])
    r = c.get("/api/v1/schema/"); print(r.status_code, r.content[:3000].decode())
    assert 0
