"""Delivery reports that the gateway pushes to us: checked before they are believed.

Header `X-Signature: t=<seconds since 1970>,v1=<hex>`, where the hex is HMAC-SHA-256 over `<t>.<body>` with the secret
that both sides know. The time is signed too, so that an old report can't be sent again later.
"""

import hashlib
import hmac
import re
from datetime import UTC, datetime, timedelta

from pydantic import ValidationError

from app.integrations.sms.port import Delivery
from app.integrations.sms.wire import MessageBody

SIGNATURE_HEADER = "X-Signature"
TOLERANCE = timedelta(minutes=5)
_SIGNATURE = re.compile(r"t=([0-9]{1,10}),v1=([0-9a-f]{64})")


class NotFromGateway(Exception):
    """The report is not signed by the gateway, is too old, or can't be read: answer 400 and change nothing."""


def read_report(body: bytes, signature: str, *, secret: str, now: datetime) -> Delivery:
    """The delivery told by a pushed report; `signature` is the header's value. Raises NotFromGateway.

    A report may come twice or out of order: a message that is delivered or failed stays so.
    """
    match = _SIGNATURE.fullmatch(signature)
    if match is None or not secret:
        raise NotFromGateway("no signature")
    if not hmac.compare_digest(sign(body, secret, int(match[1])), signature):
        raise NotFromGateway("wrong signature")
    if abs(now - datetime.fromtimestamp(int(match[1]), UTC)) > TOLERANCE:
        raise NotFromGateway("too old")
    try:
        return MessageBody.model_validate_json(body).delivery()
    except ValidationError:
        raise NotFromGateway("not a delivery report") from None


def sign(body: bytes, secret: str, at: int) -> str:
    """The header's value for `body` sent at `at` (seconds since 1970)."""
    digest = hmac.new(secret.encode(), f"{at}.".encode() + body, hashlib.sha256).hexdigest()
    return f"t={at},v1={digest}"
