"""Delivery reports: the gateway tells the client by itself how a message ended.

Once, without repeating: a client that missed it asks for the state. The signature is `t=<seconds>,v1=<hex>`, the hex
being HMAC-SHA-256 over `<t>.<body>`.
"""

import asyncio
import hashlib
import hmac
import json
import time

import httpx
import structlog

from app.simulators.settings import SmsAccount
from app.simulators.sms.gateway import Gateway, Taken

log = structlog.get_logger(__name__)
_PUSH_SECONDS = 5.0
_PATIENCE = 0.05  # the clock that tells the state must have passed the moment for certain


class Reports:
    """Sends the account's delivery reports, each in a task of its own: the answer to the client doesn't wait."""

    def __init__(self, account: SmsAccount, gateway: Gateway) -> None:
        self._account = account
        self._gateway = gateway
        self._tasks: set[asyncio.Task[None]] = set()

    def follow(self, message: Taken) -> None:
        """Report the message's end when it comes; nothing where nobody listens or no end comes."""
        if not self._account.callback_url or message.outcome[0] == "accepted":
            return
        task = asyncio.create_task(self._push(message))
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)

    async def _push(self, message: Taken) -> None:
        await asyncio.sleep(self._account.delivery_seconds + _PATIENCE)
        body = json.dumps(self._gateway.described(message)).encode()
        signature = _signature(self._account.report_secret, body)
        headers = {"Content-Type": "application/json", "X-Signature": signature}
        try:
            async with httpx.AsyncClient(timeout=_PUSH_SECONDS) as client:
                await client.post(self._account.callback_url, content=body, headers=headers)
        except httpx.HTTPError as error:
            log.warning("delivery_report_lost", error=type(error).__name__)


def _signature(secret: str, body: bytes) -> str:
    at = int(time.time())
    digest = hmac.new(secret.encode(), f"{at}.".encode() + body, hashlib.sha256).hexdigest()
    return f"t={at},v1={digest}"
