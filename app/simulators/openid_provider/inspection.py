"""A provider's page for people: who is signed in, what clients were told, and two buttons."""

from starlette.requests import Request
from starlette.responses import RedirectResponse, Response

from app.domain.text import as_language
from app.simulators.openid_provider.keys import SigningKeys
from app.simulators.openid_provider.provider import Provider
from app.simulators.openid_provider.sessions import Sessions
from app.simulators.pages import Pages


class Inspection:
    """Shows the sessions, ends one, changes the signing key."""

    def __init__(self, provider: Provider, sessions: Sessions, keys: SigningKeys, pages: Pages) -> None:
        self._provider = provider
        self._sessions = sessions
        self._keys = keys
        self._pages = pages

    async def show(self, request: Request) -> Response:
        language = as_language(request.query_params.get("lang"))
        context = {
            "provider": self._provider.name,
            "base": self._provider.issuer,
            "sessions": [(session, self._name(session.login)) for session in self._sessions.living()],
            "told": self._sessions.told(),
            "keys": [key["kid"] for key in self._keys.public()["keys"]],
        }
        return self._pages.show("openid_sessions.html", language, context)

    async def end(self, request: Request) -> Response:
        """The session ends here, and its client is told."""
        await self._sessions.end(request.path_params["sid"])
        return self._back(request)

    async def rotate(self, request: Request) -> Response:
        self._keys.rotate()
        return self._back(request)

    def _name(self, key: str) -> str:
        login = self._provider.login(key)
        return login.name if login else key

    def _back(self, request: Request) -> Response:
        language = as_language(request.query_params.get("lang"))
        return RedirectResponse(f"{self._provider.issuer}/?lang={language}", status_code=303)
