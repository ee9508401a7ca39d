"""The pages where people say yes or no, and where they take a yes back."""

import secrets
from collections.abc import Mapping
from dataclasses import asdict
from urllib.parse import urlencode

from starlette.requests import Request
from starlette.responses import RedirectResponse, Response
from starlette.routing import Route

from app.domain.text import as_language
from app.simulators.incoming import BadInput, read_form, read_query
from app.simulators.kanta_phr.authorization import PATIENT_CONTEXT, ConsentAsked, check_request, check_return
from app.simulators.kanta_phr.people import People
from app.simulators.kanta_phr.tokens import Consent, TokenDesk
from app.simulators.openid_provider.authorization import AuthorizationRefused, UntrustedClient, chosen_language
from app.simulators.pages import Pages
from app.simulators.settings import PhrClient
from app.simulators.store import Store

KNOWN_SCOPES = frozenset(PhrClient().scopes)  # those that the page can say in words
ASKING_SECONDS = 1800
_ASKED = "kanta-phr/asked"


class ConsentPages:
    """Consent for one registered client. In the real Kanta the person is identified first; here one is chosen."""

    def __init__(
        self, client: PhrClient, desk: TokenDesk, store: Store, people: People, pages: Pages, *, base: str
    ) -> None:
        self._client = client
        self._desk = desk
        self._store = store
        self._people = people
        self._pages = pages
        self._base = base

    def routes(self) -> list[Route]:
        return [
            Route("/authorize", self.authorize, methods=["GET", "POST"]),
            Route("/consent/{asked}", self.show, methods=["GET"]),
            Route("/consent/{asked}", self.answer, methods=["POST"]),
            Route("/consents", self.given, methods=["GET"]),
            Route("/consents", self.withdraw, methods=["POST"]),
        ]

    async def authorize(self, request: Request) -> Response:
        try:
            asked = await read_form(request) if request.method == "POST" else read_query(request)
            redirect_uri = check_return(self._client, asked)
        except (BadInput, UntrustedClient):
            language = chosen_language(request.query_params.get("ui_locales", ""))
            return self._pages.notice("kanta_untrusted", language, status=400)
        try:
            accepted = check_request(self._client, self._base, asked)
        except AuthorizationRefused as refused:
            error = {"error": refused.error, "error_description": refused.description}
            state = {"state": asked["state"]} if "state" in asked else {}
            return _see_other(redirect_uri, {**error, **state})
        key = secrets.token_urlsafe(24)
        self._store.add(_ASKED, key, asdict(accepted), seconds=ASKING_SECONDS)
        return _see_other(f"{self._base}/consent/{key}", {"lang": accepted.language})

    async def show(self, request: Request) -> Response:
        kept = self._store.get(_ASKED, request.path_params["asked"])
        if kept is None:
            return self._used_up(request)
        return self._page(request, ConsentAsked(**kept))

    async def answer(self, request: Request) -> Response:
        form = await _form(request)
        kept = self._store.get(_ASKED, request.path_params["asked"])
        if kept is None:
            return self._used_up(request)
        asked, person = ConsentAsked(**kept), self._people.by_key(form.get("person", ""))
        refused = form.get("answer") == "refuse"
        if person is None and not refused:
            return self._page(request, asked, missing=True)
        if self._store.take(_ASKED, request.path_params["asked"]) is None:
            return self._used_up(request)
        if refused or person is None:
            error = {"error": "access_denied", "error_description": "the person refused"}
            return _see_other(asked.redirect_uri, {**error, "state": asked.state})
        consent = Consent(asked.client_id, person.key, asked.scopes, asked.redirect_uri, asked.challenge)
        return _see_other(asked.redirect_uri, {"code": self._desk.give_code(consent), "state": asked.state})

    async def given(self, request: Request) -> Response:
        """Consents that live, each with a button to withdraw it."""
        shown = [
            {"key": key, "person": person.name, "scopes": _told(scopes)} for key, person, scopes in self._desk.grants()
        ]
        language = as_language(request.query_params.get("lang"))
        return self._pages.show("kanta_consents.html", language, {"grants": shown, "known": KNOWN_SCOPES})

    async def withdraw(self, request: Request) -> Response:
        self._desk.withdraw((await _form(request)).get("grant", ""))
        return _see_other(f"{self._base}/consents", {"lang": as_language(request.query_params.get("lang"))})

    def _page(self, request: Request, asked: ConsentAsked, *, missing: bool = False) -> Response:
        language = as_language(request.query_params.get("lang"), asked.language)
        context: dict[str, object] = {
            "people": self._people.everybody,
            "scopes": _told(asked.scopes),
            "missing": missing,
        }
        context["known"] = KNOWN_SCOPES
        return self._pages.show("kanta_consent.html", language, context, status=400 if missing else 200)

    def _used_up(self, request: Request) -> Response:
        return self._pages.notice("kanta_used_up", as_language(request.query_params.get("lang")), status=400)


def _told(scopes: str) -> list[str]:
    return [scope for scope in scopes.split() if scope != PATIENT_CONTEXT]


async def _form(request: Request) -> dict[str, str]:
    try:
        return await read_form(request)
    except BadInput:
        return {}


def _see_other(uri: str, values: Mapping[str, str]) -> Response:
    return RedirectResponse(f"{uri}{'&' if '?' in uri else '?'}{urlencode(values)}", status_code=303)
