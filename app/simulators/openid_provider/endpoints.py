"""The provider's addresses: discovery, authorize, the page to pick a person, token, userinfo, logout."""

import secrets
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import asdict

from fastapi import FastAPI
from starlette.requests import Request
from starlette.responses import JSONResponse, Response

from app.domain.text import as_language
from app.simulators.incoming import BadInput, read_form
from app.simulators.openid_provider.answers import oauth_error, parameters, see_other, uncached, with_query
from app.simulators.openid_provider.authorization import (
    Authorization,
    AuthorizationRefused,
    Return,
    UntrustedClient,
    check_request,
    check_return,
    check_signature,
    chosen_language,
)
from app.simulators.openid_provider.client_assertion import TokenRefused, authenticate_client
from app.simulators.openid_provider.discovery import entity_statement, metadata, signed_keys
from app.simulators.openid_provider.inspection import Inspection
from app.simulators.openid_provider.keys import SigningKeys
from app.simulators.openid_provider.provider import Provider
from app.simulators.openid_provider.request_object import claimed_parameters
from app.simulators.openid_provider.sessions import Sessions
from app.simulators.openid_provider.sign_out import SignOut
from app.simulators.openid_provider.tokens import TokenDesk
from app.simulators.pages import Pages
from app.simulators.store import Store

PICKING_SECONDS = 1800
_NOT_FOR_CLIENTS = {"refresh_token", "client_credentials"}


class Endpoints:
    """One provider on the air."""

    def __init__(self, provider: Provider, store: Store, pages: Pages) -> None:
        self._provider = provider
        self._store = store
        self._pages = pages
        self._keys = SigningKeys(provider, store)
        self._sessions = Sessions(provider, store, self._keys)
        self._desk = TokenDesk(provider, store, self._keys, self._sessions)
        self._sign_out = SignOut(provider, self._sessions, self._keys, pages)
        self._inspection = Inspection(provider, self._sessions, self._keys, pages)

    def app(self) -> FastAPI:
        app = FastAPI(docs_url=None, redoc_url=None, openapi_url=None)
        app.add_route("/.well-known/openid-configuration", self.metadata, ["GET"])
        app.add_route("/.well-known/openid-federation", self.statement, ["GET"])
        app.add_route("/jwks", self.keys, ["GET"])
        app.add_route("/signed-jwks", self.signed_keys, ["GET"])
        app.add_route("/authorize", self.authorize, ["GET", "POST"])
        app.add_route("/pick/{interaction}", self.show_persons, ["GET"])
        app.add_route("/pick/{interaction}", self.pick, ["POST"])
        app.add_route("/token", self.token, ["POST"])
        app.add_route("/userinfo", self.userinfo, ["GET", "POST"])
        app.add_route("/logout", self._sign_out.answer, ["GET", "POST"])
        app.add_route("/sessions/{sid}/end", self._inspection.end, ["POST"])
        app.add_route("/keys/rotate", self._inspection.rotate, ["POST"])
        return app

    @property
    def inspection(self) -> Callable[[Request], Awaitable[Response]]:
        """The page with the sessions."""
        return self._inspection.show

    async def metadata(self, _request: Request) -> Response:
        return JSONResponse(metadata(self._provider))

    async def statement(self, _request: Request) -> Response:
        body = entity_statement(self._provider, self._keys)
        return Response(body, media_type="application/entity-statement+jwt")

    async def keys(self, _request: Request) -> Response:
        return JSONResponse(self._keys.public())

    async def signed_keys(self, _request: Request) -> Response:
        return Response(signed_keys(self._provider, self._keys), media_type="application/jwk-set+jwt")

    async def authorize(self, request: Request) -> Response:
        claimed: dict[str, str] = {}
        try:
            asked = await parameters(request)
            claimed = claimed_parameters(asked)
            back = check_return(self._provider, claimed)
        except (BadInput, UntrustedClient):
            language = chosen_language(claimed.get("ui_locales", ""))
            return self._pages.notice("untrusted_client", language, status=400)
        try:
            check_signature(self._provider, self._store, asked)
            accepted = check_request(self._provider, back, claimed)
        except AuthorizationRefused as refused:
            return self._return_error(back, refused.error, refused.description)
        interaction = secrets.token_urlsafe(24)
        self._store.add(self._provider.kind("interaction"), interaction, asdict(accepted), seconds=PICKING_SECONDS)
        return see_other(f"{self._provider.issuer}/pick/{interaction}")

    async def show_persons(self, request: Request) -> Response:
        kept = self._store.get(self._provider.kind("interaction"), request.path_params["interaction"])
        if kept is None:
            return self._used_up(request)
        language = as_language(request.query_params.get("lang"), Authorization(**kept).language)
        context = {"provider": self._provider.name, "logins": self._provider.logins}
        return self._pages.show("pick_person.html", language, context)

    async def pick(self, request: Request) -> Response:
        try:
            form = await read_form(request)
        except BadInput:
            return self._used_up(request)
        login = self._provider.login(form.get("person", ""))
        if login is None and "cancel" not in form:
            return see_other(f"{self._provider.issuer}/pick/{request.path_params['interaction']}")
        kept = self._store.take(self._provider.kind("interaction"), request.path_params["interaction"])
        if kept is None:
            return self._used_up(request)
        accepted = Authorization(**kept)
        back = Return(accepted.client_id, accepted.redirect_uri, accepted.state)
        if login is None:
            # Brokers name it differently: OP says `cancel`, Telia `access_denied`.
            error = "cancel" if form["cancel"] == "cancel" else "access_denied"
            return self._return_error(back, error, "the person cancelled")
        return self._return(back, {"code": self._desk.give_code(accepted, login)})

    async def token(self, request: Request) -> Response:
        try:
            form = await read_form(request)
            client_id = authenticate_client(self._provider, self._store, form)
            if "grant_type" not in form:
                raise TokenRefused("invalid_request", "grant_type is missing")
            if form["grant_type"] in _NOT_FOR_CLIENTS:
                raise TokenRefused("unauthorized_client", "clients may use authorization_code only")
            if form["grant_type"] != "authorization_code":
                raise TokenRefused("unsupported_grant_type", "grant_type must be authorization_code")
            return uncached(self._desk.redeem(client_id, form))
        except BadInput as bad:
            return oauth_error("invalid_request", bad.reason, 400)
        except TokenRefused as refused:
            return oauth_error(refused.error, refused.description, refused.status)

    async def userinfo(self, request: Request) -> Response:
        scheme, _, token = request.headers.get("authorization", "").partition(" ")
        claims = self._desk.userinfo(token) if scheme.lower() == "bearer" else None
        if isinstance(claims, str):
            return Response(claims, media_type="application/jwt", headers={"Cache-Control": "no-store"})
        if claims is not None:
            return uncached(claims)
        answer = oauth_error("invalid_token", "the access token is missing, unknown or expired", 401)
        answer.headers["WWW-Authenticate"] = 'Bearer error="invalid_token"'
        return answer

    def _return_error(self, back: Return, error: str, description: str) -> Response:
        return self._return(back, {"error": error, "error_description": description})

    def _return(self, back: Return, values: Mapping[str, str]) -> Response:
        state = {"state": back.state} if back.state is not None else {}
        return see_other(with_query(back.redirect_uri, {**values, **state, "iss": self._provider.issuer}))

    def _used_up(self, request: Request) -> Response:
        return self._pages.notice("used_up", as_language(request.query_params.get("lang")), status=400)
