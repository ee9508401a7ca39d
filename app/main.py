"""The web application: the only place where its parts are put together."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

from fastapi import FastAPI
from starlette.middleware.gzip import GZipMiddleware
from starlette.staticfiles import StaticFiles
from starlette.types import Scope

from app.database import Database, needed_revision
from app.integrations.storage.sealing import ChunkKeys
from app.logs import configure_logs
from app.outside import opened_outside
from app.routers import include_all, times
from app.services.county import read_county
from app.services.identity.vault import IdentityVault
from app.services.search.index import SearchIndex
from app.services.search.tools import open_tools
from app.settings import Settings
from app.web import acting_errors, errors
from app.web.addresses import Addresses
from app.web.assets import Assets
from app.web.environment import make_environment
from app.web.measured import Measured
from app.web.middleware import BodyLimit, HeadAsGet, RequestContext, SecurityHeaders
from app.web.tokens import FormTokens

STATIC = Path(__file__).parent / "static"


class CachedStatic(StaticFiles):
    """Our own files: what the build names by content may be kept for ever, the rest for an hour."""

    def file_response(self, full_path: str, stat_result: object, scope: Scope, status_code: int = 200):  # type: ignore[no-untyped-def,override]
        response = super().file_response(full_path, stat_result, scope, status_code)  # type: ignore[arg-type]
        forever = "/build/" in scope["path"]
        response.headers["Cache-Control"] = "public, max-age=31536000, immutable" if forever else "public, max-age=3600"
        return response


def create_app(settings: Settings | None = None) -> FastAPI:
    """The window for `settings` (the environment's by default). Raises UnsafeSettings in an unsafe production."""
    settings = settings or Settings()
    settings.check_safe()
    configure_logs(settings)
    app = FastAPI(docs_url=None, redoc_url=None, openapi_url=None, lifespan=_lifespan, redirect_slashes=False)
    app.state.settings = settings
    app.state.tokens = FormTokens(settings.secret_key.get_secret_value())
    app.state.assets = Assets.load()
    app.state.environment = make_environment(auto_reload=settings.environment == "demo")
    app.state.county = read_county()
    app.state.needed_revision = needed_revision()
    app.state.vault = IdentityVault.of(settings)
    app.state.attachment_keys = ChunkKeys(key.get_secret_value() for key in settings.attachment_keys)
    app.mount("/static", CachedStatic(directory=STATIC), name="static")
    include_all(app)
    app.state.addresses = Addresses.of(app)
    errors.install(app)
    acting_errors.install(app)
    times.install_errors(app)
    # The last one added is the outermost.
    app.add_middleware(BodyLimit)
    app.add_middleware(HeadAsGet)
    app.add_middleware(GZipMiddleware, minimum_size=600, compresslevel=5)
    app.add_middleware(SecurityHeaders, settings=settings)
    app.add_middleware(Measured)
    app.add_middleware(RequestContext, strict=settings.environment == "test")
    return app


@asynccontextmanager
async def _lifespan(app: FastAPI) -> AsyncIterator[None]:
    """Open what needs a running loop: the database and the ways to the outside systems."""
    settings: Settings = app.state.settings
    app.state.database = Database.for_web(settings)
    app.state.search = SearchIndex.open(settings.var / "index", open_tools(settings.dictionaries))
    async with opened_outside(settings, app.state.database, app.state.vault) as outside:
        app.state.outside = outside
        yield
    await app.state.database.close()
