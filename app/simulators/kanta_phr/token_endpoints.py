"""The addresses that clients' servers call: token, revoke, and what SMART App Launch publishes."""

from collections.abc import Mapping

from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

from app.simulators.incoming import BadInput, read_form
from app.simulators.kanta_phr.client_proof import ClientProof
from app.simulators.kanta_phr.tokens import TokenDesk
from app.simulators.openid_provider.client_assertion import TokenRefused
from app.simulators.settings import PhrClient
from app.simulators.store import Store


class TokenEndpoints:
    """OAuth 2.0 for one registered client."""

    def __init__(self, client: PhrClient, desk: TokenDesk, store: Store, *, base: str) -> None:
        self._client = client
        self._desk = desk
        self._base = base
        self._proof = ClientProof(client, store, base=base)

    def routes(self) -> list[Route]:
        return [
            Route("/.well-known/smart-configuration", self.configuration, methods=["GET"]),
            Route("/token", self.token, methods=["POST"]),
            Route("/revoke", self.revoke, methods=["POST"]),
        ]

    async def configuration(self, _request: Request) -> Response:
        methods = ["private_key_jwt"] if self._client.jwks else ["client_secret_basic", "client_secret_post"]
        return JSONResponse(
            {
                "issuer": self._base,
                "authorization_endpoint": f"{self._base}/authorize",
                "token_endpoint": f"{self._base}/token",
                "revocation_endpoint": f"{self._base}/revoke",
                "grant_types_supported": ["authorization_code", "refresh_token"],
                "response_types_supported": ["code"],
                "code_challenge_methods_supported": ["S256"],
                "token_endpoint_auth_methods_supported": methods,
                "token_endpoint_auth_signing_alg_values_supported": ["RS256"],
                "scopes_supported": list(self._client.scopes),
                "capabilities": [
                    "launch-standalone",
                    "client-confidential-symmetric",
                    "client-confidential-asymmetric",
                    "context-standalone-patient",
                    "permission-patient",
                    "permission-offline",
                ],
            }
        )

    async def token(self, request: Request) -> Response:
        try:
            form = await read_form(request)
            client_id = self._proof.check(request, form)
            return _uncached(self._given(client_id, form))
        except BadInput as bad:
            return _error(TokenRefused("invalid_request", bad.reason))
        except TokenRefused as refused:
            return _error(refused)

    async def revoke(self, request: Request) -> Response:
        try:
            form = await read_form(request)
            client_id = self._proof.check(request, form)
        except BadInput as bad:
            return _error(TokenRefused("invalid_request", bad.reason))
        except TokenRefused as refused:
            return _error(refused)
        if "token" not in form:
            return _error(TokenRefused("invalid_request", "token is missing"))
        self._desk.revoke(client_id, form["token"])
        return Response(status_code=200)

    def _given(self, client_id: str, form: Mapping[str, str]) -> Mapping[str, object]:
        kind = form.get("grant_type")
        if kind == "authorization_code":
            return self._desk.redeem(client_id, form)
        if kind == "refresh_token":
            return self._desk.renew(client_id, form)
        if kind is None:
            raise TokenRefused("invalid_request", "grant_type is missing")
        raise TokenRefused("unsupported_grant_type", "grant_type must be authorization_code or refresh_token")


def _uncached(body: Mapping[str, object]) -> Response:
    return JSONResponse(body, headers={"Cache-Control": "no-store", "Pragma": "no-cache"})


def _error(refused: TokenRefused) -> Response:
    body = {"error": refused.error, "error_description": refused.description}
    headers = {"Cache-Control": "no-store"}
    if refused.status == 401:
        headers["WWW-Authenticate"] = 'Basic realm="kanta-phr"'
    return JSONResponse(body, status_code=refused.status, headers=headers)
