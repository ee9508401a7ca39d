"""The browser's side: the page where a person chooses for whom they act, and the token for the code that follows."""

import base64
import binascii
import hmac
from collections.abc import Mapping, Sequence
from datetime import UTC, datetime
from urllib.parse import urlencode

from fastapi import FastAPI
from starlette.requests import Request
from starlette.responses import JSONResponse, RedirectResponse, Response

from app.domain.clock import Clock
from app.domain.text import as_language
from app.simulators.incoming import BadInput, read_form, read_query
from app.simulators.pages import Pages
from app.simulators.settings import MandatesClient
from app.simulators.suomifi_mandates.rights import Rights
from app.simulators.suomifi_mandates.sessions import TOKEN_SECONDS, ChoiceRequest, Session, Sessions
from app.simulators.world import Resident, World

_PAGE = "/oauth/choose"


class Choosing:
    """The OAuth part on the air; `root` is the system's own address."""

    def __init__(
        self, clients: Sequence[MandatesClient], sessions: Sessions, world: World, pages: Pages, *, root: str
    ) -> None:
        self._clients = {client.client_id: client for client in clients}
        self._sessions = sessions
        self._world = world
        self._pages = pages
        self._root = root

    def add_to(self, app: FastAPI) -> None:
        app.add_route("/oauth/authorize", self.authorize, ["GET"])
        app.add_route(f"{_PAGE}/{{key}}", self.show, ["GET"])
        app.add_route(f"{_PAGE}/{{key}}", self.choose, ["POST"])
        app.add_route("/oauth/token", self.token, ["POST"])

    async def authorize(self, request: Request) -> Response:
        try:
            asked = read_query(request)
        except BadInput:
            asked = {}
        language = as_language(asked.get("lang"))
        session = self._session_of(asked)
        if session is None:  # nobody to trust, so the browser stays here
            return self._pages.notice("mandates.untrusted", language, status=400)
        kept = ChoiceRequest(session.id, asked["redirect_uri"], asked.get("state"), language)
        if asked.get("response_type") != "code":
            return _back(kept, {"error": "unsupported_response_type"})
        if self._sessions.chosen(session) is not None:  # taken over from another service, or chosen before
            return _back(kept, {"code": self._sessions.give_code(kept)})
        return _see_other(f"{self._root}{_PAGE}/{self._sessions.keep_request(kept)}")

    async def show(self, request: Request) -> Response:
        asked = self._sessions.request(request.path_params["key"])
        session = self._sessions.find(asked.session_id) if asked else None
        if asked is None or session is None:
            return self._used_up(request)
        language = as_language(request.query_params.get("lang"), as_language(asked.language))
        return self._pages.show("pick_principal.html", language, {"principals": self._principals(session)})

    async def choose(self, request: Request) -> Response:
        try:
            form = await read_form(request)
        except BadInput:
            return self._used_up(request)
        asked = self._sessions.request(request.path_params["key"])
        session = self._sessions.find(asked.session_id) if asked else None
        if asked is None or session is None:
            return self._used_up(request)
        principal = self._chosen(session, form)
        if principal is None and "cancel" not in form:
            return _see_other(f"{self._root}{_PAGE}/{request.path_params['key']}")
        if self._sessions.take_request(request.path_params["key"]) is None:
            return self._used_up(request)
        if principal is None:
            return _back(asked, {"error": "access_denied"})
        self._sessions.choose(session, principal.identity_code)
        return _back(asked, {"code": self._sessions.give_code(asked)})

    async def token(self, request: Request) -> Response:
        try:
            asked = {**read_query(request), **await read_form(request)}
        except BadInput:
            return _oauth_error("invalid_request", 400)
        client = self._authenticated(request)
        if client is None:
            return _oauth_error("invalid_client", 401, {"WWW-Authenticate": 'Basic realm="oauth"'})
        if asked.get("grant_type") != "authorization_code":
            return _oauth_error("unsupported_grant_type", 400)
        token = self._sessions.redeem(asked.get("code", ""), client.client_id, asked.get("redirect_uri", ""))
        return _token_answer(token) if token else _oauth_error("invalid_grant", 400)

    def _session_of(self, asked: Mapping[str, str]) -> Session | None:
        """The session, where the client, its address and the user belong together."""
        client = self._clients.get(asked.get("client_id", ""))
        session = self._sessions.of_user(asked.get("user", ""))
        if client is None or session is None or session.client_id != client.client_id:
            return None
        return session if asked.get("redirect_uri", "") in client.redirect_uris else None

    def _principals(self, session: Session) -> tuple[Resident, ...]:
        delegate = self._world.resident_by_code(session.delegate)
        limit = self._clients[session.client_id].guardian_until
        rights = Rights(self._world, Clock(datetime.now(UTC)).today, limit)
        return rights.principals(delegate) if delegate else ()

    def _chosen(self, session: Session, form: Mapping[str, str]) -> Resident | None:
        key = form.get("principal", "")
        return next((person for person in self._principals(session) if person.key == key), None)

    def _authenticated(self, request: Request) -> MandatesClient | None:
        scheme, _, credentials = request.headers.get("authorization", "").partition(" ")
        try:
            client_id, _, password = base64.b64decode(credentials, validate=True).decode().partition(":")
        except (binascii.Error, UnicodeDecodeError):
            return None
        client = self._clients.get(client_id)
        if scheme.lower() != "basic" or client is None:
            return None
        return client if hmac.compare_digest(password.encode(), client.oauth_password.encode()) else None

    def _used_up(self, request: Request) -> Response:
        language = as_language(request.query_params.get("lang"))
        return self._pages.notice("mandates.used_up", language, status=400)


def _back(asked: ChoiceRequest, values: Mapping[str, str]) -> Response:
    state = {"state": asked.state} if asked.state is not None else {}
    separator = "&" if "?" in asked.redirect_uri else "?"
    return _see_other(f"{asked.redirect_uri}{separator}{urlencode({**values, **state})}")


def _see_other(uri: str) -> Response:
    return RedirectResponse(uri, status_code=303)


def _token_answer(token: str) -> Response:
    body = {
        "access_token": token,
        "token_type": "bearer",
        "refresh_token": f"{token}-refresh",
        "expires_in": TOKEN_SECONDS,
        "scope": "read write trust",
    }
    return JSONResponse(body, headers={"Cache-Control": "no-store", "Pragma": "no-cache"})


def _oauth_error(error: str, status: int, headers: Mapping[str, str] | None = None) -> Response:
    return JSONResponse({"error": error}, status_code=status, headers={"Cache-Control": "no-store", **(headers or {})})
