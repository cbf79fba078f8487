"""A small OpenID Connect provider on this machine, for the tests of single sign-on."""

import hashlib
import json
import secrets
import threading
from base64 import urlsafe_b64encode
from collections.abc import Callable
from datetime import datetime
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from urllib.parse import parse_qs

from joserfc import jwt
from joserfc.jwk import RSAKey


class Provider:
    """Gives codes for what was asked, and ID tokens for codes whose verifier fits. `now` tells it the time."""

    def __init__(self, now: Callable[[], datetime]) -> None:
        self._now = now
        self.email, self.verified, self.nonce = "", True, ""
        self.more: dict[str, object] = {}
        self._key = RSAKey.generate_key(2048, {"kid": "1", "alg": "RS256"})
        self._codes: dict[str, dict[str, str]] = {}
        provider = self

        class Answer(BaseHTTPRequestHandler):
            def do_GET(self) -> None:
                keys: dict[str, object] = {"keys": [provider._key.as_dict(private=False)]}
                self.say(keys if self.path == "/keys" else provider.told())

            def do_POST(self) -> None:
                length = int(self.headers["Content-Length"])
                form = {k: v[0] for k, v in parse_qs(self.rfile.read(length).decode()).items()}
                self.say(provider.token(form))

            def say(self, body: dict[str, object]) -> None:
                data = json.dumps(body).encode()
                self.send_response(200)
                self.send_header("Content-Type", "application/json")
                self.send_header("Content-Length", str(len(data)))
                self.end_headers()
                self.wfile.write(data)

            def log_message(self, *_: object) -> None:
                """Quiet."""

        self._server = ThreadingHTTPServer(("127.0.0.1", 0), Answer)
        self.url = f"http://127.0.0.1:{self._server.server_port}"

    def __enter__(self) -> "Provider":
        threading.Thread(target=self._server.serve_forever, daemon=True).start()
        return self

    def __exit__(self, *_: object) -> None:
        self._server.shutdown()

    def told(self) -> dict[str, object]:
        return {"issuer": self.url, "authorization_endpoint": f"{self.url}/authorize", "token_endpoint": f"{self.url}/token",
                "jwks_uri": f"{self.url}/keys"}  # fmt: skip

    def code(self, asked: dict[str, str]) -> str:
        """As if the user had logged in at the provider."""
        code = secrets.token_urlsafe(8)
        self._codes[code] = asked
        return code

    def token(self, form: dict[str, str]) -> dict[str, object]:
        asked = self._codes.pop(form["code"], None)
        challenge = urlsafe_b64encode(hashlib.sha256(form["code_verifier"].encode()).digest()).decode().rstrip("=")
        if asked is None or challenge != asked["code_challenge"]:
            return {"error": "invalid_grant"}
        now = int(self._now().timestamp())
        claims = {"iss": self.url, "aud": asked["client_id"], "sub": f"sub-{self.email}", "iat": now, "exp": now + 300,
                  "nonce": self.nonce or asked["nonce"], "email": self.email, "email_verified": self.verified, **self.more}  # fmt: skip
        return {"id_token": jwt.encode({"alg": "RS256", "kid": "1"}, claims, self._key), "token_type": "Bearer"}
