"""The provider's logout address (OpenID Connect RP-Initiated Logout 1.0)."""

from collections.abc import Mapping

from starlette.requests import Request
from starlette.responses import Response

from app.domain.text import Language
from app.simulators.incoming import BadInput
from app.simulators.openid_provider.answers import parameters, see_other, with_query
from app.simulators.openid_provider.authorization import chosen_language
from app.simulators.openid_provider.keys import SigningKeys
from app.simulators.openid_provider.provider import Provider
from app.simulators.openid_provider.sessions import Sessions
from app.simulators.pages import Pages


class SignOut:
    """Ends the session that the request hints at, and sends the browser back to a registered address only."""

    def __init__(self, provider: Provider, sessions: Sessions, keys: SigningKeys, pages: Pages) -> None:
        self._provider = provider
        self._sessions = sessions
        self._keys = keys
        self._pages = pages

    async def answer(self, request: Request) -> Response:
        try:
            asked = await parameters(request)
        except BadInput:
            return self._pages.notice("sign_out_refused", "fi", status=400)
        language = chosen_language(asked.get("ui_locales", ""))
        client_id = asked.get("client_id")
        if "id_token_hint" in asked:
            # An expired token is a good hint (RP-Initiated Logout, 2).
            hinted = self._keys.read(asked["id_token_hint"])
            if hinted is None or client_id not in (None, hinted.get("aud")):
                return self._pages.notice("sign_out_refused", language, status=400)
            client_id = str(hinted.get("aud"))
            await self._sessions.end(str(hinted.get("sid")))
        elif "logout_hint" in asked:
            await self._sessions.end(asked["logout_hint"])
        return self._after(client_id, asked, language)

    def _after(self, client_id: str | None, asked: Mapping[str, str], language: Language) -> Response:
        return_to = asked.get("post_logout_redirect_uri")
        if return_to is None:
            return self._pages.notice("signed_out", language)
        client = self._provider.clients.get(client_id or "")
        if client is None or return_to not in client.post_logout_redirect_uris:
            return self._pages.notice("sign_out_refused", language, status=400)
        return see_other(with_query(return_to, {"state": asked["state"]} if "state" in asked else {}))
