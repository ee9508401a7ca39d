"""Policy in the signature: how often a thing may be asked for.

`@router.post("/{lang}/sign-in", dependencies=[limited("sign_in")])` counts before anything else happens. Where a limit
is on a person or a phone number, the body says so itself: `await hold_back(page.request, session, "code_send", …)`.
The emergency information, files, and the addresses for machines have no limit.
"""

import time
from collections.abc import Sequence
from ipaddress import IPv4Address, IPv6Address, IPv6Network, ip_address
from math import ceil
from typing import Any

import structlog
from fastapi import Depends, Request
from pydantic import IPvAnyNetwork
from sqlalchemy.ext.asyncio import AsyncSession

from app.services.clock import read_clock
from app.services.outside import before_outside_call
from app.services.rate_limits import RULES, Keys, Purpose, RecentRequests, count_everywhere, limits_of
from app.settings import Settings
from app.web.access import RESIDENT, STAFF
from app.web.cookies import read_cookie
from app.web.door import BINDING
from app.web.middleware import check_origin
from app.web.page import Page

log = structlog.get_logger(__name__)


class TooManyRequests(Exception):
    """A limit is reached; `seconds` says in how long the same may be asked for again."""

    def __init__(self, seconds: float) -> None:
        super().__init__(seconds)
        self.seconds = ceil(seconds)


class Limited:
    """A dependency that counts the request for `purpose`, by browser session and by network address.

    Raises ForeignOrigin: what another site's page sends is refused before it is counted against the reader.
    Raises TooManyRequests.
    """

    def __init__(self, purpose: Purpose) -> None:
        self.purpose: Purpose = purpose

    async def __call__(self, request: Request) -> None:
        settings: Settings = request.app.state.settings
        check_origin(request, settings)
        # A cookie that is not ours is nobody's session: it is counted all the same, and so is its address.
        cookies = [read_cookie(request, settings, name) for name in (RESIDENT, STAFF, BINDING)]
        await _count(request, self.purpose, cookies)


def limited(purpose: Purpose) -> Any:
    """See Limited."""
    return Depends(Limited(purpose))


async def hold_back(request: Request, session: AsyncSession, purpose: Purpose, *own: str) -> None:
    """Count a request for `purpose` by each of `own` (a person's id, a phone number …) and by network address.

    To be called before anything is written: the request's connection is given back first, because the counting has
    a transaction of its own, and two connections for one request could starve the pool. Raises TooManyRequests, and
    WriteBeforeOutsideCall where something has been written already.
    """
    await before_outside_call(session)
    await _count(request, purpose, own)


def own_key(page: Page) -> tuple[str, ...]:
    """By what a browser that nobody has signed in to is counted, beside its address: its session, where it has one."""
    return (str(page.viewer.session_id),) if page.viewer else ()


async def _count(request: Request, purpose: Purpose, own: Sequence[str]) -> None:
    settings: Settings = request.app.state.settings
    if settings.limits_factor == 0:
        return
    whom = limits_of(purpose, own, address_of(request), settings.limits_factor)
    keys = Keys(settings.secret_key.get_secret_value())
    here = recent_requests(request)
    for kind, value, limit in whom:
        key = keys.key(purpose, kind, value)
        if not RULES[purpose].everywhere:
            wait = here.wait(key, limit, time.monotonic())
        else:
            # Committed by itself: a refused request counts too.
            async with request.app.state.database.transaction() as counting:
                wait = await count_everywhere(counting, await read_clock(counting), key, limit)
        if wait > 0:
            log.warning("too_many_requests", purpose=purpose, by=kind)
            raise TooManyRequests(wait)


def recent_requests(request: Request) -> RecentRequests:
    """What this process has counted so far."""
    state = request.app.state
    if not hasattr(state, "recent_requests"):
        state.recent_requests = RecentRequests()
    recent: RecentRequests = state.recent_requests
    return recent


def address_of(request: Request) -> str:
    """The network that the request comes from: an IPv4 address, or the /64 that a home or office has of IPv6.

    X-Forwarded-For is believed only as far as the settings' proxies have written it.
    """
    settings: Settings = request.app.state.settings
    peer = request.client.host if request.client else ""
    return network_of(peer, request.headers.getlist("x-forwarded-for"), settings.trusted_proxies)


def network_of(peer: str, forwarded: Sequence[str], trusted: Sequence[IPvAnyNetwork]) -> str:
    """The network of the last one on the way who is no proxy of ours. Each proxy adds whom it was asked by on the
    right, so the way is walked back from there; what stands further left anybody may have made up."""
    nearest = _address(peer)
    way = [part for line in forwarded for part in line.split(",")]
    while nearest is not None and way and any(nearest in network for network in trusted):
        before = _address(way.pop())
        if before is None:
            break
        nearest = before
    if isinstance(nearest, IPv6Address):
        return str(IPv6Network((nearest, 64), strict=False))
    return str(nearest or "unknown")


def _address(text: str) -> IPv4Address | IPv6Address | None:
    """The address in `text`, also with a port; one of IPv4 that is written as IPv6 is one of IPv4."""
    bare = text.strip().removeprefix("[").partition("]")[0]
    if bare.count(":") == 1:
        bare = bare.partition(":")[0]
    try:
        found = ip_address(bare)
    except ValueError:
        return None
    return (found.ipv4_mapped or found) if isinstance(found, IPv6Address) else found
