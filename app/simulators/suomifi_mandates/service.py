"""The addresses that e-services call: everything below /service is signed, and refusals never say why."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime
from typing import Any

from fastapi import FastAPI
from starlette.requests import Request
from starlette.responses import JSONResponse, Response

from app.domain.clock import Clock
from app.simulators.settings import MandatesClient
from app.simulators.suomifi_mandates.guard import Handler, Refused, guarded
from app.simulators.suomifi_mandates.rights import Rights
from app.simulators.suomifi_mandates.sessions import Session, Sessions
from app.simulators.suomifi_mandates.signed_answers import AnswerSigner
from app.simulators.world import Resident, World

Question = Callable[[Request, MandatesClient, Session], "Answer"]


@dataclass(frozen=True)
class Answer:
    """What is said, as JSON (`body`) or as the claims of a token about `subject`."""

    subject: str
    body: Mapping[str, Any]
    claims: Mapping[str, Any]


class Service:
    """The Web API on the air."""

    def __init__(
        self, clients: Sequence[MandatesClient], sessions: Sessions, world: World, signer: AnswerSigner
    ) -> None:
        self._clients = clients
        self._sessions = sessions
        self._world = world
        self._signer = signer

    def app(self) -> FastAPI:
        app = FastAPI(docs_url=None, redoc_url=None, openapi_url=None)
        signed = {
            "/service/hpa/user/register/{client_id}/{delegate}": self.register,
            "/service/hpa/user/register/transfer/{token}/{client_id}/{delegate}": self.register_transferred,
            "/service/hpa/user/transfer/token/{session}": self.transfer,
            "/service/hpa/user/unregister/{session}": self.unregister,
            "/service/hpa/api/delegate/{session}": self.delegate,
            "/service/hpa/api/authorization/{session}/{principal}": self._plainly(self._authorization),
            "/service/hpa/api/authorization/jwt/{session}/{principal}": self._as_token(self._authorization),
            "/service/hpa/api/authorizationlist/{session}/{principal}": self._plainly(self._roles),
            "/service/hpa/api/authorizationlist/jwt/{session}/{principal}": self._as_token(self._roles),
        }
        for path, handler in signed.items():
            app.add_route(path, guarded(handler, self._clients, lambda client: client.api_key), ["GET"])
        between_servers = guarded(self.between_servers, self._clients, lambda client: client.rest_api_key)
        app.add_route("/service/rest/hpa/authorization/{client_id}/{delegate}/{principal}", between_servers, ["GET"])
        app.add_route("/.well-known/jwks.json", self.keys, ["GET"])
        return app

    async def register(self, request: Request, client: MandatesClient) -> Response:
        _require_request_id(request)
        delegate = self._world.resident_by_code(request.path_params["delegate"])
        if delegate is None or not self._world.can_identify(delegate, _today()):
            raise Refused(403, "forbidden")
        return _opened(self._sessions.open(client.client_id, delegate.identity_code, client.session_seconds))

    async def transfer(self, request: Request, client: MandatesClient) -> Response:
        return JSONResponse({"transferToken": self._sessions.give_transfer(self._session(request, client))})

    async def register_transferred(self, request: Request, client: MandatesClient) -> Response:
        """The new service's session has the choice of the old one, so that nobody chooses twice."""
        _require_request_id(request)
        old = self._sessions.take_transfer(request.path_params["token"])
        if old is None or old.delegate != request.path_params["delegate"]:
            raise Refused(403, "forbidden")
        new = self._sessions.open(client.client_id, old.delegate, client.session_seconds)
        principal = self._sessions.chosen(old)
        if principal is not None:
            self._sessions.choose(new, principal)
        return _opened(new)

    async def unregister(self, request: Request, client: MandatesClient) -> Response:
        self._sessions.end(self._session(request, client))
        return JSONResponse(True)

    async def delegate(self, request: Request, client: MandatesClient) -> Response:
        session = self._asking(request, client, token_needed=True)
        person = self._world.resident_by_code(self._sessions.chosen(session) or "")
        return JSONResponse([{"personId": person.identity_code, "name": person.name}] if person else [])

    async def between_servers(self, request: Request, client: MandatesClient) -> Response:
        _require_request_id(request)
        if not request.headers.get("X-userId"):
            raise Refused(400, "bad_request")
        delegate = self._world.resident_by_code(request.path_params["delegate"])
        issues = tuple(request.query_params.getlist("issue"))
        return JSONResponse(self._decision(client, delegate, request.path_params["principal"], issues))

    async def keys(self, _request: Request) -> Response:
        return JSONResponse(self._signer.public_keys())

    def _authorization(self, request: Request, client: MandatesClient, session: Session) -> Answer:
        issues = tuple(request.query_params.getlist("issues"))
        body = self._decision(client, self._delegate(session), self._principal(request, session), issues)
        return Answer("Authorization", body, {"response": body["result"], "issue": list(issues)})

    def _roles(self, request: Request, client: MandatesClient, session: Session) -> Answer:
        delegate = self._delegate(session)
        principal = self._world.resident_by_code(self._principal(request, session))
        roles = list(_rights(self._world, client).roles(delegate, principal)) if delegate and principal else []
        return Answer("AuthorizationList", {"roles": roles, "reasons": []}, {"response": roles})

    def _decision(
        self, client: MandatesClient, delegate: Resident | None, principal_code: str, issues: tuple[str, ...]
    ) -> dict[str, Any]:
        principal, rights = self._world.resident_by_code(principal_code), _rights(self._world, client)
        if principal and rights.is_adult(principal) and not issues:  # an adult's mandates are by theme
            raise Refused(400, "bad_request")
        allowed = delegate is not None and principal is not None and rights.allows(delegate, principal, issues)
        return {"result": "ALLOWED" if allowed else "DISALLOWED", "reasons": []}

    def _delegate(self, session: Session) -> Resident | None:
        return self._world.resident_by_code(session.delegate)

    def _principal(self, request: Request, session: Session) -> str:
        """The code asked about, or nobody's where the person has chosen somebody else."""
        asked: str = request.path_params["principal"]
        return asked if asked == self._sessions.chosen(session) else ""

    def _session(self, request: Request, client: MandatesClient) -> Session:
        session = self._sessions.find(request.path_params["session"])
        if session is None or session.client_id != client.client_id:
            raise Refused(401, "unauthorized")
        return session

    def _asking(self, request: Request, client: MandatesClient, *, token_needed: bool) -> Session:
        """The session of a question. The access token is documented for the list of principals only; elsewhere it
        must be good where it is sent."""
        _require_request_id(request)
        session = self._session(request, client)
        given = request.headers.get("authorization")
        scheme, _, token = (given or "").partition(" ")
        good = scheme.lower() == "bearer" and self._sessions.owns(session, token)
        if not good and (token_needed or given is not None):
            raise Refused(401, "unauthorized")
        return session

    def _plainly(self, question: Question) -> Handler:
        async def answered(request: Request, client: MandatesClient) -> Response:
            session = self._asking(request, client, token_needed=False)
            return JSONResponse(dict(question(request, client, session).body))

        return answered

    def _as_token(self, question: Question) -> Handler:
        async def answered(request: Request, client: MandatesClient) -> Response:
            session = self._asking(request, client, token_needed=False)
            answer = question(request, client, session)
            people = {"end_user": session.delegate, "principal": request.path_params["principal"]}
            token = self._signer.sign(answer.subject, client.service_id, {**people, **answer.claims, "reasons": []})
            return Response(token, media_type="application/jwt")

        return answered


def _rights(world: World, client: MandatesClient) -> Rights:
    return Rights(world, _today(), client.guardian_until)


def _today() -> date:
    return Clock(datetime.now(UTC)).today


def _require_request_id(request: Request) -> None:
    if not request.query_params.get("requestId"):
        raise Refused(400, "bad_request")


def _opened(session: Session) -> Response:
    return JSONResponse({"sessionId": session.id, "userId": session.user_id})
