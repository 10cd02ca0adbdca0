"""Messages to resellers' sites, signed as the Standard Webhooks specification asks, by its official library."""

import base64
import secrets
from collections.abc import Iterable
from datetime import datetime

from standardwebhooks.webhooks import Webhook

PREFIX = "whsec_"
BYTES = 32
"""Random bytes of a secret: the specification asks for 24 to 64."""


def new_secret() -> str:
    """A secret as the libraries of the specification take it."""
    return PREFIX + base64.b64encode(secrets.token_bytes(BYTES)).decode("ascii")


def headers(key: str, body: str, keys: Iterable[str], at: datetime) -> dict[str, str]:
    """What goes with a message sent `at`: its id, when, and a signature by each of the secrets in `keys`."""
    moment = at.replace(microsecond=0)
    return {
        "webhook-id": key,
        "webhook-timestamp": str(int(moment.timestamp())),
        "webhook-signature": " ".join(Webhook(secret).sign(key, moment, body) for secret in keys),
    }
