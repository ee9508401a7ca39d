"""One page of one request: who looks, in which language, and how the answer goes out."""

import json
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from functools import cached_property
from typing import Any
from urllib.parse import quote, urlencode

from jinja2 import Environment
from jinja2_fragments import render_block
from starlette.requests import Request
from starlette.responses import HTMLResponse, RedirectResponse, Response
from starlette.types import Scope

from app.domain.clock import Clock
from app.domain.text import LANGUAGES, Language, as_language
from app.services.county import County
from app.services.forms.ended_notices import EndedNotice
from app.services.identity.sessions import EndedSession
from app.services.viewer import Viewer
from app.settings import Settings
from app.web.addresses import Addresses
from app.web.assets import Assets
from app.web.cookies import drop_cookie, write_cookie
from app.web.opening import PhoneLine, phone_line
from app.web.outage_banner import outage_texts
from app.web.session_end import SessionEnd, session_end_of
from app.web.tokens import FormTokens

ANONYMOUS = b"anonymous"
_URL_MARKS = ":/%#?=@[]!$&'()*+,;"  # what an address may hold as it is; anything else is encoded for the header
LANGUAGE_NAMES = {"fi": "Suomeksi", "sv": "På svenska", "en": "In English"}


@dataclass(frozen=True)
class LanguageLink:
    code: Language
    name: str
    url: str
    current: bool


def path_of(scope: Scope) -> str:
    """The path and query that were asked for, encoded; made without the Host header, which may be anything."""
    path, query = quote(scope["path"]), scope["query_string"].decode("ascii", "replace")
    return f"{path}?{query}" if query else path


class Page:
    """What every template knows as `page`, and the two ways a router ends: `show` and `go`."""

    def __init__(self, request: Request, viewer: Viewer | None = None) -> None:
        self.request = request
        self.viewer = viewer
        self.language: Language = as_language(request.scope.get("language"))
        self.request_id: str = request.scope.get("request_id", "")
        self.settings: Settings = request.app.state.settings
        self.tokens: FormTokens = request.app.state.tokens
        self.assets: Assets = request.app.state.assets
        self._addresses: Addresses = request.app.state.addresses
        self.county_data: County = request.app.state.county
        self.title = ""
        # The page that the language links lead to; a router sets it where this address cannot be fetched.
        self._cookies: list[tuple[str, str, int]] = []
        # The session of this browser that has just ended, and whether what was typed in it has been kept.
        self.ended: EndedSession | None = None
        self.kept = False
        # What became of a notice of concern whose page was sent after that; whether the page shows one that goes then.
        self.ended_notice: EndedNotice | None = None
        self.is_notice = False
        self.own_path: str = path_of(request.scope)

    @property
    def clock(self) -> Clock:
        """The moment for what a page shows (opening hours, "today"); limits and holds use the database's."""
        return Clock(self.settings.fixed_now or datetime.now(UTC))

    @property
    def county(self) -> str:
        return self.county_data.names.to(self.language)

    @property
    def signed_in(self) -> bool:
        return self.viewer is not None and self.viewer.signed_in

    @property
    def acting_for(self) -> str:
        """The name of the person for whom the reader acts; empty in own matters."""
        acting = self.viewer.acting if self.viewer else None
        return acting.subject_name if acting else ""

    @property
    def session_end(self) -> SessionEnd | None:
        """When the reader's session ends; None where nobody is signed in."""
        return session_end_of(self.viewer, self.clock)

    @cached_property
    def phone(self) -> PhoneLine:
        return phone_line(self.county_data.phone, self.clock)

    @property
    def languages(self) -> list[LanguageLink]:
        return [
            LanguageLink(code, LANGUAGE_NAMES[code], self._in_language(code), code == self.language)
            for code in LANGUAGES
        ]

    @property
    def outages(self) -> list[str]:
        """What is away of all that the reader needs here, in the reader's language; announced or seen."""
        return outage_texts(self.request, self.settings, self.clock, self.language)

    def _in_language(self, language: Language) -> str:
        head, _, rest = self.own_path.lstrip("/").partition("/")
        return f"/{language}/{rest}" if head in LANGUAGES else f"/{language}/"

    def path(self, name: str, query: Mapping[str, str] | None = None, **params: Any) -> str:
        """The address of the page called `name` in the page's language."""
        path = self._addresses.path(name, lang=self.language, **params)
        return f"{path}?{urlencode(query)}" if query else path

    def form_token(self) -> str:
        """A new hidden token for a form on this page."""
        return self.tokens.make(self.binding)

    @property
    def binding(self) -> bytes:
        """What this page's forms are bound to: the browser session, or the fact that there is none."""
        return self.viewer.session_id.bytes if self.viewer else ANONYMOUS

    def show(
        self, template: str, context: object = None, *, block: str = "", status: int = 200, **more: Any
    ) -> Response:
        """The page, or only its named `block` where htmx asked for a part of it."""
        part = bool(block) and self._wants_part
        values = {"page": self, **(vars(context) if context else {}), **more}
        environment: Environment = self.request.app.state.environment
        html = (
            render_block(environment, template, block, values)
            if part
            else environment.get_template(template).render(values)
        )
        response = HTMLResponse(html, status)
        response.headers["Vary"] = "HX-Request, HX-Request-Type, Cookie"
        # What is of a person is kept nowhere; a form's token serves one reader, so no cache may share a page.
        personal = self.viewer is not None or self.request.method != "GET"
        response.headers["Cache-Control"] = "no-store" if personal else "private, no-cache"
        return self._with_cookies(response)

    @property
    def _wants_part(self) -> bool:
        headers = self.request.headers
        return headers.get("HX-Request-Type") == "partial" and "HX-History-Restore-Request" not in headers

    def go(self, path: str) -> Response:
        """On to another page: 303 for a plain browser; htmx is told to fetch it and to put it in the address bar."""
        if self.request.headers.get("HX-Request") != "true":
            return self._with_cookies(RedirectResponse(path, 303))
        location = json.dumps({"path": path, "target": "#main", "select": "#main", "swap": "outerHTML"})
        return self._with_cookies(Response(status_code=204, headers={"HX-Location": location}))

    def leave(self, url: str) -> Response:
        """On to another site (signing in or out): a real redirect, whoever asks."""
        if self.request.headers.get("HX-Request") == "true":
            return self._with_cookies(Response(status_code=204, headers={"HX-Redirect": quote(url, safe=_URL_MARKS)}))
        return self._with_cookies(RedirectResponse(url, 303))

    def keep_cookie(self, purpose: str, value: str, seconds: int) -> None:
        """Set a cookie with the answer; an empty `value` drops it."""
        self._cookies.append((purpose, value, seconds))

    def _with_cookies(self, response: Response) -> Response:
        for purpose, value, seconds in self._cookies:
            if value:
                write_cookie(response, self.settings, purpose, value, seconds)
            else:
                drop_cookie(response, self.settings, purpose)
        return response
