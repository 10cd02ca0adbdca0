"""Laws of signatures: by the words of the specification, counted here once more without its library."""

import base64
import hashlib
import hmac
from datetime import UTC, datetime

from services import signing

AT = datetime(2026, 5, 4, 12, 0, 0, 999_999, tzinfo=UTC)


def by_the_specification(key: str, moment: int, body: str, secret: str) -> str:
    raw = base64.b64decode(secret.removeprefix("whsec_"))
    made = hmac.new(raw, f"{key}.{moment}.{body}".encode(), hashlib.sha256).digest()
    return f"v1,{base64.b64encode(made).decode()}"


def test_id_moment_and_body_are_signed_with_each_secret() -> None:
    new, old = signing.new_secret(), signing.new_secret()
    moment = int(AT.timestamp())
    headers = signing.headers("msg_1", '{"ü":1}', (new, old), AT)
    assert headers["webhook-id"] == "msg_1"
    assert headers["webhook-timestamp"] == str(moment)
    assert headers["webhook-signature"].split(" ") == [
        by_the_specification("msg_1", moment, '{"ü":1}', secret) for secret in (new, old)
    ]


def test_a_secret_is_long_and_never_the_same() -> None:
    made = {signing.new_secret() for _ in range(100)}
    assert len(made) == 100
    assert all(24 <= len(base64.b64decode(secret.removeprefix("whsec_"), validate=True)) <= 64 for secret in made)
