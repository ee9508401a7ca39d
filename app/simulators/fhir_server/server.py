"""The server on the air: its addresses, and from request to answer."""

import json
from collections.abc import Awaitable, Callable

from starlette.applications import Starlette
from starlette.concurrency import run_in_threadpool
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from app.simulators.fhir_server.bundles import batch, check_bundle, transaction
from app.simulators.fhir_server.capability import capability_statement
from app.simulators.fhir_server.description import Action, Interaction, Resource, ServerDescription
from app.simulators.fhir_server.incoming import FHIR_JSON, check_accept, read_resource, read_search_form
from app.simulators.fhir_server.interactions import Interactions
from app.simulators.fhir_server.records import Guard, Records
from app.simulators.fhir_server.refusal import Refusal, Refused, insist, outcome, refuse
from app.simulators.fhir_server.rules import Answer, Context, Operation, Rules
from app.simulators.fhir_server.searching import history, search
from app.simulators.store import Store

Work = Callable[[Context], Answer]
Handler = Callable[[Request], Awaitable[Response]]


class FhirServer:
    """One FHIR R4 server. `guard` keeps units apart; only a test that wants to see what it is for gives another."""

    def __init__(
        self,
        server: ServerDescription,
        store: Store,
        base_url: str,
        rules: Rules | None = None,
        *,
        guard: Guard | None = None,
    ) -> None:
        self.server = server
        self.rules = rules or Rules()
        self.records = Records(store, server, guard)
        self.interactions = Interactions(server, base_url, self.rules)

    def app(self) -> Starlette:
        one, versions = "/{type}/{id}", "/{type}/{id}/_history"
        return Starlette(
            routes=[
                Route("/metadata", self._answering(self.metadata), methods=["GET"]),
                Route("/", self._answering(self.bundle), methods=["POST"]),
                *(
                    self._operation_route(operation, place)
                    for operation in self.rules.operations
                    for place in ("", "/{id}")
                ),
                Route("/{type}/_search", self._answering(self.search), methods=["POST"]),
                Route("/{type}", self._answering(self.create), methods=["POST"]),
                Route("/{type}", self._answering(self.search), methods=["GET"]),
                Route(one, self._answering(self.read), methods=["GET"]),
                Route(one, self._answering(self.update), methods=["PUT"]),
                Route(one, self._answering(self.delete), methods=["DELETE"]),
                Route(versions, self._answering(self.history), methods=["GET"]),
                Route(f"{versions}/{{version}}", self._answering(self.vread), methods=["GET"]),
            ],
            exception_handlers={HTTPException: self._no_address},
        )

    def prepare(self) -> None:
        """What the rules do before any interaction, without one: for the system's `seed`."""
        nobody = Request({"type": "http", "method": "GET", "path": "/", "query_string": b"", "headers": []})
        with self.records.unit() as unit:
            self.rules.prepare(Context(nobody, unit, self.server))

    async def metadata(self, request: Request) -> Answer:
        insist(self.rules.authorise(request, None, "metadata"))
        statement = capability_statement(self.server, self.interactions.base_url, self.rules)
        return Answer(200, statement)

    async def create(self, request: Request) -> Answer:
        resource_type = self._allowed(request, "create", "create")
        resource = await read_resource(request)
        wanted = request.headers.get("if-none-exist", "")
        return await self._unit(
            request, lambda context: self.interactions.create(resource_type, resource, context, if_none_exist=wanted)
        )

    async def read(self, request: Request) -> Answer:
        resource_type, resource_id = self._allowed(request, "read", "read"), request.path_params["id"]
        known = request.headers.get("if-none-match", "")
        return await self._unit(
            request, lambda context: self.interactions.read(resource_type, resource_id, context, if_none_match=known)
        )

    async def vread(self, request: Request) -> Answer:
        resource_type = self._allowed(request, "vread", "read")
        resource_id, number = request.path_params["id"], request.path_params["version"]
        return await self._unit(
            request, lambda context: self.interactions.vread(resource_type, resource_id, number, context)
        )

    async def update(self, request: Request) -> Answer:
        resource_type, resource_id = self._allowed(request, "update", "update"), request.path_params["id"]
        resource = await read_resource(request)
        known = request.headers.get("if-match", "")
        return await self._unit(
            request,
            lambda context: self.interactions.update(resource_type, resource_id, resource, context, if_match=known),
        )

    async def delete(self, request: Request) -> Answer:
        resource_type, resource_id = self._allowed(request, "delete", "delete"), request.path_params["id"]
        known = request.headers.get("if-match", "")
        return await self._unit(
            request, lambda context: self.interactions.delete(resource_type, resource_id, context, if_match=known)
        )

    async def history(self, request: Request) -> Answer:
        resource_type, resource_id = self._allowed(request, "history-instance", "history"), request.path_params["id"]
        return await self._unit(
            request, lambda context: history(self.interactions, resource_type, resource_id, context)
        )

    async def search(self, request: Request) -> Answer:
        resource_type = self._allowed(request, "search-type", "search")
        query = await read_search_form(request) if request.method == "POST" else request.query_params.multi_items()
        return await self._unit(request, lambda context: search(self.interactions, resource_type, query, context))

    async def bundle(self, request: Request) -> Answer:
        if not self.server.bundles:
            raise refuse(405, "not-supported", "bundles are not taken here")
        insist(self.rules.authorise(request, None, "transaction"))
        bundle = await read_resource(request)
        check_bundle(bundle, self.interactions)
        if bundle["type"] == "transaction":
            return await self._unit(request, lambda context: transaction(bundle, context, self.interactions))
        return await run_in_threadpool(batch, bundle, lambda work: self._in_unit(request, work), self.interactions)

    def _operation_route(self, operation: Operation, place: str) -> Route:
        async def run(request: Request) -> Answer:
            insist(self.rules.authorise(request, operation.resource_type, "operation"))
            given = await read_resource(request)
            return await self._unit(request, lambda context: _ran(operation, request, given, context))

        path = f"/{operation.resource_type}{place}/${operation.name}"
        return Route(path, self._answering(run), methods=["POST"])

    def _allowed(self, request: Request, interaction: Interaction, action: Action) -> str:
        """The resource type of the address, where it offers this and the client may."""
        described = self.interactions.described(request.path_params["type"])
        if interaction not in described.interactions:
            raise refuse(405, "not-supported", f"{interaction} is not offered for {described.type}")
        insist(self.rules.authorise(request, described.type, action))
        return described.type

    async def _unit(self, request: Request, work: Work) -> Answer:
        return await run_in_threadpool(self._in_unit, request, work)

    def _in_unit(self, request: Request, work: Work) -> Answer:
        with self.records.unit() as unit:
            context = Context(request, unit, self.server)
            self.rules.prepare(context)
            return work(context)

    def _answering(self, handler: Callable[[Request], Awaitable[Answer]]) -> Handler:
        async def answered(request: Request) -> Response:
            try:
                check_accept(request)
                return _response(await handler(request), request)
            except Refused as refused:
                return self._refusal(refused.refusal)

        return answered

    async def _no_address(self, _request: Request, error: Exception) -> Response:
        status = error.status_code if isinstance(error, HTTPException) else 500
        return self._refusal(
            Refusal(status, "not-supported", "there is nothing at this address, or not by this method")
        )

    def _refusal(self, refusal: Refusal) -> Response:
        return _json(refusal.status, outcome(refusal, self.server), dict(refusal.headers))


def _ran(operation: Operation, request: Request, given: Resource, context: Context) -> Answer:
    done = operation.run(request.path_params.get("id"), given, context)
    if isinstance(done, Refusal):
        raise Refused(done)
    return done


def _response(answer: Answer, request: Request) -> Response:
    minimal = "return=minimal" in request.headers.get("prefer", "") and request.method in ("POST", "PUT")
    if answer.resource is None or (minimal and "ETag" in answer.headers):
        return Response(status_code=answer.status, headers=answer.headers)
    return _json(answer.status, answer.resource, answer.headers)


def _json(status: int, resource: Resource, headers: dict[str, str]) -> Response:
    body = json.dumps(resource, ensure_ascii=False)
    return Response(body, status, headers, media_type=f"{FHIR_JSON}; charset=utf-8")
