"""The provider's process: a small Django with `allauth.idp.oidc`, whose users the tests make by calling /control/."""

from __future__ import annotations

import json
import sys

import django
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric import rsa
from django.conf import settings
from django.core.management import call_command

PORT, FOLDER = int(sys.argv[1]), sys.argv[2]


def private_key() -> str:
    key = rsa.generate_private_key(public_exponent=65537, key_size=2048)
    pem, plain = serialization.Encoding.PEM, serialization.NoEncryption()
    return key.private_bytes(pem, serialization.PrivateFormat.PKCS8, plain).decode()


settings.configure(
    SECRET_KEY="of a provider that only tests ask",
    ALLOWED_HOSTS=["*"],
    ROOT_URLCONF="tests.identity_provider.pages",
    DATABASES={
        "default": {
            "ENGINE": "django.db.backends.sqlite3",
            "NAME": f"{FOLDER}/provider.sqlite3",
            "OPTIONS": {"timeout": 20},
        }
    },
    INSTALLED_APPS=[
        "django.contrib.auth",
        "django.contrib.contenttypes",
        "django.contrib.sessions",
        "django.contrib.messages",
        "allauth",
        "allauth.account",
        "allauth.idp.oidc",
    ],
    MIDDLEWARE=[
        "django.contrib.sessions.middleware.SessionMiddleware",
        "django.contrib.auth.middleware.AuthenticationMiddleware",
        "django.contrib.messages.middleware.MessageMiddleware",
        "allauth.account.middleware.AccountMiddleware",
    ],
    TEMPLATES=[{"BACKEND": "django.template.backends.django.DjangoTemplates", "APP_DIRS": True}],
    PASSWORD_HASHERS=["django.contrib.auth.hashers.MD5PasswordHasher"],  # of secrets that nobody keeps
    CACHES={"default": {"BACKEND": "django.core.cache.backends.locmem.LocMemCache"}},
    IDP_OIDC_PRIVATE_KEY=private_key(),
    IDP_OIDC_ADAPTER="tests.identity_provider.pages.Adapter",
    LOGIN_URL="/nobody-is-signed-in/",
    USE_TZ=True,
    DEFAULT_AUTO_FIELD="django.db.models.BigAutoField",
)

if __name__ == "__main__":
    django.setup()
    call_command("migrate", verbosity=0)
    from wsgiref.simple_server import WSGIRequestHandler, make_server

    from django.core.wsgi import get_wsgi_application

    class Quiet(WSGIRequestHandler):
        def log_message(self, *_: object) -> None:
            """Say nothing."""

    with make_server("127.0.0.1", PORT, get_wsgi_application(), handler_class=Quiet) as server:
        print(json.dumps({"port": server.server_port}), flush=True)
        server.serve_forever()
