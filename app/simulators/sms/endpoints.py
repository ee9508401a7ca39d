"""The gateway's addresses, and a page of phones."""

from itertools import groupby
from typing import Annotated

from pydantic import Field
from starlette.applications import Starlette
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

from app.domain.text import as_language
from app.simulators.json_api import Body, Refused, guarded, no_such_address, read_as
from app.simulators.pages import Pages
from app.simulators.settings import SmsAccount
from app.simulators.sms.gateway import Gateway, Taken
from app.simulators.sms.reports import Reports

LONGEST_TEXT = 1530  # ten parts of 153 characters, as gateways count them


class Outgoing(Body):
    """A message to send. `sender` is a name of letters and figures, as operators allow it."""

    to: Annotated[str, Field(max_length=20)]
    text: Annotated[str, Field(min_length=1, max_length=LONGEST_TEXT)]
    sender: Annotated[str, Field(pattern=r"^[A-Za-z0-9 ]{3,11}$")]
    client_reference: Annotated[str, Field(max_length=100)] = ""


class Endpoints:
    """The gateway on the air."""

    def __init__(self, account: SmsAccount, gateway: Gateway, pages: Pages) -> None:
        self._account = account
        self._gateway = gateway
        self._reports = Reports(account, gateway)
        self._pages = pages

    def app(self) -> Starlette:
        key = self._account.api_key
        routes = [
            Route("/v1/messages", guarded(key, self.send), methods=["POST"]),
            Route("/v1/messages", guarded(key, self.look_up), methods=["GET"]),
            Route("/v1/messages/{message_id}", guarded(key, self.message), methods=["GET"]),
        ]
        return Starlette(routes=routes, exception_handlers={HTTPException: no_such_address})

    async def send(self, request: Request) -> Response:
        asked = await read_as(request, Outgoing)
        taken = self._gateway.take(asked.to, asked.text, asked.sender, asked.client_reference)
        self._reports.follow(taken)
        return JSONResponse(self._gateway.described(taken), status_code=202)

    async def message(self, request: Request) -> Response:
        taken = self._gateway.find(request.path_params["message_id"])
        if taken is None:
            raise Refused(404, "unknown_message", "no such message, or it is older than 30 days")
        return JSONResponse(self._gateway.described(taken))

    async def look_up(self, request: Request) -> Response:
        """Messages by the client's reference, oldest first; many gateways have nothing like it."""
        if not self._account.can_look_up:
            raise Refused(405, "not_offered", "messages can't be listed", headers={"Allow": "POST"})
        wanted = request.query_params.get("clientReference", "")
        found = [message for message in self._gateway.messages() if message.client_reference == wanted]
        return JSONResponse({"messages": [self._gateway.described(message) for message in reversed(found)]})

    async def inspection(self, request: Request) -> Response:
        """For people: each phone with its messages, as the phone would show them."""
        by_phone = sorted(self._gateway.messages(), key=lambda message: message.to)
        phones = {number: [self._shown(m) for m in group] for number, group in groupby(by_phone, lambda m: m.to)}
        language = as_language(request.query_params.get("lang"))
        return self._pages.show("sms_phones.html", language, {"phones": phones})

    def _shown(self, message: Taken) -> dict[str, object]:
        state, _ = self._gateway.state(message)
        return {"sender": message.sender, "text": message.text, "received": message.received, "state": state}
