"""The mail server on the air: its description, the one address of its interface, and a page of inboxes."""

from typing import Any

from starlette.applications import Starlette
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

from app.domain.text import as_language
from app.simulators.email.mailroom import Mailroom
from app.simulators.email.methods import CORE, MAIL, STATE, SUBMISSION, Methods
from app.simulators.incoming import BadInput, parse_json, read_body
from app.simulators.json_api import shows
from app.simulators.pages import Pages
from app.simulators.settings import EmailAccount

MOST_CALLS = 16
_LIMITS = {
    "maxSizeUpload": 0,
    "maxConcurrentUpload": 0,
    "maxSizeRequest": 1_000_000,
    "maxConcurrentRequests": 20,
    "maxCallsInRequest": MOST_CALLS,
    "maxObjectsInGet": 500,
    "maxObjectsInSet": 500,
    "collationAlgorithms": [],
}
_MAIL = {
    "maxMailboxesPerEmail": 1,
    "maxMailboxDepth": 1,
    "maxSizeMailboxName": 100,
    "maxSizeAttachmentsPerEmail": 0,
    "emailQuerySortOptions": [],
    "mayCreateTopLevelMailbox": False,
}


class Endpoints:
    """The server's addresses. `here`: where it is, as clients know it."""

    def __init__(self, account: EmailAccount, mailroom: Mailroom, pages: Pages, here: str) -> None:
        self._account = account
        self._mailroom = mailroom
        self._pages = pages
        self._here = here

    def app(self) -> Starlette:
        routes = [
            Route("/.well-known/jmap", self.session, methods=["GET"]),
            Route("/jmap/", self.api, methods=["POST"]),
        ]
        return Starlette(routes=routes, exception_handlers={HTTPException: _nothing_here})

    async def session(self, request: Request) -> Response:
        """What the server can do, and for whom (RFC 8620, 2)."""
        if not shows(request, self._account.token):
            return _problem(401, "about:blank")
        return JSONResponse(self._session(), headers={"Cache-Control": "no-cache, no-store, must-revalidate"})

    async def api(self, request: Request) -> Response:
        """Carry out the calls of a request (RFC 8620, 3)."""
        if not shows(request, self._account.token):
            return _problem(401, "about:blank")
        try:
            body = parse_json(await read_body(request))
        except BadInput:
            return _refused("notJSON")
        wrong = _wrong_with(request, body)
        if wrong:
            return _refused(wrong, **({"limit": "maxCallsInRequest"} if wrong == "limit" else {}))
        return JSONResponse({"methodResponses": self._answers(body), "sessionState": STATE})

    def _answers(self, body: dict[str, Any]) -> list[list[Any]]:
        methods = Methods(self._account, self._mailroom, set(body["using"]))
        return [
            [own_name, answer, call_id]
            for name, arguments, call_id in body["methodCalls"]
            for own_name, answer in methods.carry_out(name, arguments)
        ]

    def _session(self) -> dict[str, Any]:
        account, api = self._account, f"{self._here}/jmap/"
        own: dict[str, Any] = {MAIL: _MAIL, SUBMISSION: {"maxDelayedSend": 0, "submissionExtensions": {}}}
        described = {"name": account.sender, "isPersonal": True, "isReadOnly": False, "accountCapabilities": own}
        return {
            "capabilities": {CORE: _LIMITS, MAIL: {}, SUBMISSION: {}},
            "accounts": {account.account_id: described},
            "primaryAccounts": {MAIL: account.account_id, SUBMISSION: account.account_id},
            "username": account.sender,
            "apiUrl": api,
            "downloadUrl": f"{api}download/{{accountId}}/{{blobId}}/{{name}}?accept={{type}}",
            "uploadUrl": f"{api}upload/{{accountId}}/",
            "eventSourceUrl": f"{api}events/?types={{types}}&closeafter={{closeafter}}&ping={{ping}}",
            "state": STATE,
        }

    async def inspection(self, request: Request) -> Response:
        """For people: each inbox with its messages."""
        language = as_language(request.query_params.get("lang"))
        context = {"inboxes": self._mailroom.inboxes(), "drafts": self._mailroom.drafts()}
        return self._pages.show("email_inboxes.html", language, context)


def _wrong_with(request: Request, body: Any) -> str:
    """The standard's word for what keeps all calls from being looked at; empty where nothing does."""
    if request.headers.get("content-type", "").partition(";")[0].strip().lower() != "application/json":
        return "notJSON"
    if not _is_request(body):
        return "notRequest"
    if not set(body["using"]) <= {CORE, MAIL, SUBMISSION}:
        return "unknownCapability"
    return "limit" if len(body["methodCalls"]) > MOST_CALLS else ""


def _is_request(body: object) -> bool:
    if not isinstance(body, dict) or not _all(body.get("using"), lambda name: isinstance(name, str)):
        return False
    return _all(body.get("methodCalls"), _is_call)


def _is_call(call: object) -> bool:
    return (
        isinstance(call, list)
        and len(call) == 3
        and isinstance(call[0], str)
        and isinstance(call[1], dict)
        and isinstance(call[2], str)
    )


def _all(items: object, fits: Any) -> bool:
    return isinstance(items, list) and all(fits(item) for item in items)


def _refused(kind: str, **more: Any) -> Response:
    return _problem(400, f"urn:ietf:params:jmap:error:{kind}", **more)


def _problem(status: int, kind: str, **more: Any) -> Response:
    """A refusal as RFC 7807 writes it."""
    headers = {"WWW-Authenticate": "Bearer"} if status == 401 else {}
    body = {"type": kind, "status": status, **more}
    return JSONResponse(body, status_code=status, media_type="application/problem+json", headers=headers)


async def _nothing_here(_request: Request, error: Exception) -> Response:
    return _problem(error.status_code if isinstance(error, HTTPException) else 500, "about:blank")
