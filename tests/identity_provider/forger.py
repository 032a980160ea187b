"""An issuer that answers whatever a test wants: other keys, other audiences, tokens of yesterday."""

from __future__ import annotations

import json
import threading
import time
from functools import cache
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

import jwt
from cryptography.hazmat.primitives.asymmetric import rsa


@cache
def key_called(name: str) -> rsa.RSAPrivateKey:
    """A key for each name: making one takes a while."""
    return rsa.generate_private_key(public_exponent=65537, key_size=2048)


class Forger:
    """Publishes `key`; `token` is what a code is worth, and may be anything."""

    def __init__(self) -> None:
        self.key, self.kid = key_called("one"), "one"
        self.token = ""
        self.published: dict[str, Any] = {}  # over and above, or in place of, what is right
        self.userinfo: dict[str, Any] = {}
        self.asked: list[tuple[str, str, dict[str, str]]] = []  # path, body, headers
        forger = self

        class Handler(BaseHTTPRequestHandler):
            def do_GET(self) -> None:
                forger._answer(self)

            def do_POST(self) -> None:
                forger._answer(self)

            def log_message(self, *_: object) -> None:
                """Say nothing."""

        self.server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self.issuer = f"http://127.0.0.1:{self.server.server_port}"
        threading.Thread(target=self.server.serve_forever, daemon=True).start()

    def close(self) -> None:
        self.server.shutdown()
        self.server.server_close()

    def sign(self, nonce: str, /, *, key: Any = None, algorithm: str = "RS256", kid: str = "", **claims: Any) -> str:
        """A token that is right but for what is said here; a claim of None is left out."""
        now = int(time.time())
        right = {"iss": self.issuer, "aud": "portal", "sub": "s-1", "iat": now, "exp": now + 300, "nonce": nonce}
        about = {"email": "mei@contoso.example", "email_verified": True, "name": "Mei-ling Chen"}
        payload = {name: value for name, value in {**right, **about, **claims}.items() if value is not None}
        return jwt.encode(payload, key or self.key, algorithm=algorithm, headers={"kid": kid or self.kid})

    def _answer(self, handler: BaseHTTPRequestHandler) -> None:
        body = handler.rfile.read(int(handler.headers.get("Content-Length", 0))).decode()
        self.asked.append((handler.path, body, dict(handler.headers.items())))
        answer = json.dumps(self._document(handler.path)).encode()
        handler.send_response(200)
        handler.send_header("Content-Type", "application/json")
        handler.send_header("Content-Length", str(len(answer)))
        handler.end_headers()
        handler.wfile.write(answer)

    def _document(self, path: str) -> Any:
        if path == "/keys":
            public = jwt.algorithms.RSAAlgorithm.to_jwk(self.key.public_key(), as_dict=True)
            return {"keys": [{**public, "kid": self.kid, "use": "sig", "alg": "RS256"}]}
        if path == "/token":
            return {"access_token": "at", "token_type": "Bearer", "id_token": self.token}
        if path == "/userinfo":
            return self.userinfo
        return {
            "issuer": self.issuer,
            "authorization_endpoint": f"{self.issuer}/authorize",
            "token_endpoint": f"{self.issuer}/token",
            "jwks_uri": f"{self.issuer}/keys",
            "userinfo_endpoint": f"{self.issuer}/userinfo",
            **self.published,
        }
