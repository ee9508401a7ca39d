"""Somebody with a plain browser: follows links, fills in forms, and inspects every page it gets."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from types import TracebackType
from typing import Self
from urllib.parse import urljoin, urlsplit

import httpx
from fastapi import FastAPI

from tests.tools.document import Document, Form, faults_of

LANGUAGES = {"fi", "sv", "en"}
Files = Mapping[str, tuple[str, bytes, str]]


@dataclass
class Visitor:
    """A browser without scripts on `app` (reached in process as `window`) and on the simulators (real HTTP).

    Every page of the window that any test fetches is held to the rules of tests/tools/document.py.
    """

    app: FastAPI
    window: str
    language: str = "fi"
    path: str = "/"
    status: int = 0
    left_for: str = ""
    headers: httpx.Headers = field(default_factory=httpx.Headers)
    document: Document = field(default_factory=lambda: Document("<h1></h1>"))
    body: bytes = b""

    async def __aenter__(self) -> Self:
        inside = httpx.ASGITransport(app=self.app)
        self.client = httpx.AsyncClient(mounts={self.window: inside}, base_url=self.window, timeout=20)
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        await self.client.aclose()

    async def get(self, path: str, **headers: str) -> Self:
        return await self._follow(await self.client.get(urljoin(self.here, path), headers=headers))

    async def post(self, path: str, data: dict[str, str | list[str]] | None = None, **headers: str) -> Self:
        return await self._follow(await self.client.post(urljoin(self.here, path), data=data or {}, headers=headers))

    async def follow(self, words: str) -> Self:
        """Follow the first link whose text contains `words`."""
        return await self.get(self.document.link(words))

    async def submit(self, action_ending: str, button: str = "", **fields: str | list[str]) -> Self:
        """Send the form whose action ends so, by the button whose text contains `button`, with `fields` filled in."""
        return await self.send(self.document.form(action_ending), button, **fields)

    async def send(self, form: Form, button: str = "", **fields: str | list[str]) -> Self:
        """The same with a form that is at hand."""
        return await self.fill_in(form, fields, button=button)

    async def fill_in(
        self, form: Form, fields: Mapping[str, str | list[str]], files: Files | None = None, button: str = ""
    ) -> Self:
        """Send `form` as it stands, with `fields` filled in and `files` (name, content, media type) chosen."""
        names = fields.keys()
        pairs = [(name, value) for name, value in form.values if name not in names and name not in (files or {})]
        for name, value in fields.items():
            pairs += [(name, one) for one in ([value] if isinstance(value, str) else value)]
        pressed = next((one for one in form.buttons if button in one[0]), None)
        if pressed and pressed[1]:
            pairs.append((pressed[1], pressed[2]))
        data: dict[str, list[str]] = {}
        for name, value in pairs:
            data.setdefault(name, []).append(value)
        target = urljoin(self.here, form.action)
        if form.method == "get":
            return await self._follow(await self.client.get(target, params=data))
        return await self._follow(await self.client.post(target, data=data, files=files))

    async def depart(self, form: Form) -> Self:
        """Send a form of the window that may lead to another site; `left_for` is then the address there, not asked."""
        self.left_for = ""
        answer = await self.client.post(urljoin(self.here, form.action), data=dict(form.values))
        location = answer.headers.get("location", "")
        if location.startswith("http") and not location.startswith(self.window):
            self.left_for, self.status, self.headers = location, answer.status_code, answer.headers
            return self
        return await self._follow(answer)

    async def sign_in(self, name: str) -> Self:
        """From the sign-in page through the simulator, as the test person `name`, back to where one was."""
        await self.submit("/sign-in")
        form = next(one for one in self.document.forms() if any(name in button[0] for button in one.buttons))
        return await self.send(form, name)

    async def consent(self, person: str, *, accept: bool = True) -> Self:
        """On Kanta's page, as the test person with that key: say yes or no, and go back to where one came from."""
        form = next(one for one in self.document.forms() if one.action.startswith("?"))
        yes, no = (words for words, _name, _value in form.buttons)
        return await self.send(form, yes if accept else no, person=person)

    @property
    def here(self) -> str:
        return urljoin(self.window, self.path)

    async def _follow(self, answer: httpx.Response) -> Self:
        for _ in range(10):
            if not answer.has_redirect_location:
                break
            answer = await self.client.get(urljoin(str(answer.url), answer.headers["location"]))
        url = str(answer.url)
        self.path = url.removeprefix(self.window) if url.startswith(self.window) else url
        self.status, self.headers, self.body = answer.status_code, answer.headers, answer.content
        if "text/html" in answer.headers.get("content-type", ""):
            self.document = Document(answer.text)
            if url.startswith(self.window):
                self._inspect()
        return self

    def _inspect(self) -> None:
        head = urlsplit(self.path).path.lstrip("/").partition("/")[0]
        language = head if head in LANGUAGES else str(self.document.root.get("lang"))
        faults = self._faults(language)
        policy = self.headers.get("content-security-policy", "")
        if "script-src 'self'" not in policy or "unsafe-inline" in policy:
            faults.append("no strict content security policy")
        if not self.headers.get("x-request-id"):
            faults.append("no request id")
        assert not faults, f"{self.path} ({self.status}): {faults}"

    def _faults(self, language: str) -> list[str]:
        return faults_of(self.document, language)
