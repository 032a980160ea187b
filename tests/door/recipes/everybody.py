"""What is for everybody: self-help, the description of the API, the state of the portal, the look of the pages."""

from __future__ import annotations

from tests.door.recipes import Common, operation

ARTICLE = {"slug": Common("article")}

operation("selfhelp:articles", by="anonymous", query={"q": "mail"})
operation("selfhelp:article", by="anonymous", path=ARTICLE)
operation("selfhelp:article", "POST", by="user", path=ARTICLE, body={"helped": "yes"})
operation("selfhelp:phone", by="anonymous")
operation("selfhelp:features", by="anonymous")
operation("api-articles", by="admin", pages="cursor")
operation("api-article", by="admin", path=ARTICLE)
operation("api-article-feedback", "POST", by="user", path=ARTICLE, body={"helped": True})
operation("api-features", by="user")
operation("api-phone-numbers", by="admin", pages="cursor")
operation("readyz", by="anonymous")
operation("set_theme", "POST", by="anonymous", body={"theme": "dark"})
operation("schema", by="anonymous")
operation("api-docs", by="anonymous")
operation("api-errors", by="anonymous")
