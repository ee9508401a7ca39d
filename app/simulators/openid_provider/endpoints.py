"""The provider's addresses: discovery, authorize, the page to pick a person, token, userinfo, logout."""

import secrets
from collections.abc import Mapping
from dataclasses import asdict
from urllib.parse import urlencode

from fastapi import FastAPI
from starlette.requests import Request
from starlette.responses import JSONResponse, RedirectResponse, Response

from app.domain.text import Language, as_language
from app.simulators.incoming import BadInput, read_form, read_query
from app.simulators.openid_provider.authorization import (
    Authorization,
    AuthorizationRefused,
    Return,
    UntrustedClient,
    check_request,
    check_return,
    chosen_language,
)
from app.simulators.openid_provider.client_assertion import TokenRefused, authenticate_client
from app.simulators.openid_provider.provider import Provider
from app.simulators.openid_provider.tokens import TokenDesk
from app.simulators.pages import Pages
from app.simulators.store import Store

PICKING_SECONDS = 1800


class Endpoints:
    """One provider on the air."""

    def __init__(self, provider: Provider, store: Store, pages: Pages) -> None:
        self._provider = provider
        self._store = store
        self._pages = pages
        self._desk = TokenDesk(provider, store)

    def app(self) -> FastAPI:
        app = FastAPI(docs_url=None, redoc_url=None, openapi_url=None)
        app.add_route("/.well-known/openid-configuration", self.metadata, ["GET"])
        app.add_route("/jwks", self.keys, ["GET"])
        app.add_route("/authorize", self.authorize, ["GET", "POST"])
        app.add_route("/pick/{interaction}", self.show_persons, ["GET"])
        app.add_route("/pick/{interaction}", self.pick, ["POST"])
        app.add_route("/token", self.token, ["POST"])
        app.add_route("/userinfo", self.userinfo, ["GET", "POST"])
        app.add_route("/logout", self.sign_out, ["GET", "POST"])
        return app

    async def metadata(self, _request: Request) -> Response:
        return JSONResponse(self._provider.metadata())

    async def keys(self, _request: Request) -> Response:
        return JSONResponse(self._desk.public_keys())

    async def authorize(self, request: Request) -> Response:
        language = chosen_language(request.query_params.get("ui_locales", ""))
        try:
            asked = await _parameters(request)
            back = check_return(self._provider, asked)
        except (BadInput, UntrustedClient):
            return self._pages.notice("untrusted_client", language, status=400)
        try:
            accepted = check_request(self._provider, back, asked)
        except AuthorizationRefused as refused:
            return self._return_error(back, refused.error, refused.description)
        interaction = secrets.token_urlsafe(24)
        self._store.add(self._provider.kind("interaction"), interaction, asdict(accepted), seconds=PICKING_SECONDS)
        return _see_other(f"{self._provider.issuer}/pick/{interaction}")

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
            return _see_other(f"{self._provider.issuer}/pick/{request.path_params['interaction']}")
        kept = self._store.take(self._provider.kind("interaction"), request.path_params["interaction"])
        if kept is None:
            return self._used_up(request)
        accepted = Authorization(**kept)
        back = Return(accepted.client_id, accepted.redirect_uri, accepted.state)
        if login is None:
            return self._return_error(back, "access_denied", "the person cancelled")
        return self._return(back, {"code": self._desk.give_code(accepted, login)})

    async def token(self, request: Request) -> Response:
        try:
            form = await read_form(request)
            client_id = authenticate_client(self._provider, self._store, form)
            if "grant_type" not in form:
                raise TokenRefused("invalid_request", "grant_type is missing")
            if form["grant_type"] != "authorization_code":
                raise TokenRefused("unsupported_grant_type", "grant_type must be authorization_code")
            return _uncached(self._desk.redeem(client_id, form))
        except BadInput as bad:
            return _oauth_error("invalid_request", bad.reason, 400)
        except TokenRefused as refused:
            return _oauth_error(refused.error, refused.description, refused.status)

    async def userinfo(self, request: Request) -> Response:
        scheme, _, token = request.headers.get("authorization", "").partition(" ")
        claims = self._desk.userinfo(token) if scheme.lower() == "bearer" else None
        if claims is not None:
            return _uncached(claims)
        answer = _oauth_error("invalid_token", "the access token is missing, unknown or expired", 401)
        answer.headers["WWW-Authenticate"] = 'Bearer error="invalid_token"'
        return answer

    async def sign_out(self, request: Request) -> Response:
        try:
            asked = await _parameters(request)
        except BadInput:
            return self._pages.notice("sign_out_refused", "fi", status=400)
        language = chosen_language(asked.get("ui_locales", ""))
        client_id = asked.get("client_id")
        if "id_token_hint" in asked:
            hinted = self._desk.end_session(asked["id_token_hint"])
            if hinted is None or client_id not in (None, hinted):
                return self._pages.notice("sign_out_refused", language, status=400)
            client_id = hinted
        elif "logout_hint" in asked:
            self._desk.forget_session(asked["logout_hint"])
        return self._after_sign_out(client_id, asked, language)

    def _after_sign_out(self, client_id: str | None, asked: Mapping[str, str], language: Language) -> Response:
        return_to = asked.get("post_logout_redirect_uri")
        if return_to is None:
            return self._pages.notice("signed_out", language)
        client = self._provider.clients.get(client_id or "")
        if client is None or return_to not in client.post_logout_redirect_uris:
            return self._pages.notice("sign_out_refused", language, status=400)
        return _see_other(_with_query(return_to, {"state": asked["state"]} if "state" in asked else {}))

    def _return_error(self, back: Return, error: str, description: str) -> Response:
        return self._return(back, {"error": error, "error_description": description})

    def _return(self, back: Return, values: Mapping[str, str]) -> Response:
        state = {"state": back.state} if back.state is not None else {}
        return _see_other(_with_query(back.redirect_uri, {**values, **state, "iss": self._provider.issuer}))

    def _used_up(self, request: Request) -> Response:
        return self._pages.notice("used_up", as_language(request.query_params.get("lang")), status=400)


async def _parameters(request: Request) -> dict[str, str]:
    return await read_form(request) if request.method == "POST" else read_query(request)


def _with_query(uri: str, values: Mapping[str, str]) -> str:
    if not values:
        return uri
    return f"{uri}{'&' if '?' in uri else '?'}{urlencode(values)}"


def _see_other(uri: str) -> Response:
    return RedirectResponse(uri, status_code=303)


def _uncached(body: Mapping[str, object]) -> Response:
    return JSONResponse(body, headers={"Cache-Control": "no-store", "Pragma": "no-cache"})


def _oauth_error(error: str, description: str, status: int) -> Response:
    body = {"error": error, "error_description": description}
    return JSONResponse(body, status_code=status, headers={"Cache-Control": "no-store"})
