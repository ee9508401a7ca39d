"""The Finnish Service Catalogue over its open interface, version 11 (https://api.palvelutietovaranto.suomi.fi/api/v11)."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from app.domain.catalogue import CatalogueService, read_service
from app.domain.channels import Channel, read_channel
from app.domain.organisations import Coded, Organisation, read_coded, read_organisation
from app.integrations.http import OutsideClient
from app.integrations.suomifi.catalogue import wire
from app.integrations.suomifi.catalogue.port import Answer, CodeList, Item, NotInCatalogue
from app.integrations.watch import NO_WATCH, Watch

SYSTEM = "suomifi-catalogue"


@dataclass(frozen=True)
class CatalogueConfig:
    """`base_url` ends with the version, `…/api/v11`. A page of whole items is large and nobody waits for it, so
    `seconds` may be more than elsewhere."""

    base_url: str
    seconds: float = 20.0


class SuomifiCatalogue:
    """Implements the port `Catalogue`. Long-lived: it keeps connections."""

    def __init__(self, config: CatalogueConfig, watch: Watch = NO_WATCH) -> None:
        self._outside = OutsideClient(SYSTEM, config.base_url, seconds=config.seconds, watch=watch, cleans_nul=True)

    async def close(self) -> None:
        await self._outside.close()

    async def probe(self) -> None:
        """See `Ports.of`: something cheap and harmless that only a living system answers."""
        await self.code_list("languages")

    async def changed_services(self, since: datetime | None) -> Answer[UUID]:
        return await self._ids("/Service", "Published", since)

    async def withdrawn_services(self, since: datetime | None) -> Answer[UUID]:
        return await self._gone("/Service", since)

    async def services_of(self, organisation: UUID) -> Answer[Item[CatalogueService]]:
        query = {"organizationId": str(organisation)}
        return wire.read_items(await self._pages("/Service/list/organization", query), read_service)

    async def services(self, ids: Sequence[UUID]) -> Answer[Item[CatalogueService]]:
        return wire.read_items(await self._listed("/Service/list", ids), read_service)

    async def service(self, service_id: UUID) -> Item[CatalogueService]:
        answer = await self._outside.call("GET", f"/Service/{service_id}", accept=frozenset({404}))
        if answer.status_code == 404:
            raise NotInCatalogue(SYSTEM, "no such service")
        read = wire.read_items([wire.Page([self._outside.json(answer)])], read_service)
        if read.broken:
            raise self._outside.odd(answer, read.broken[0].reason)
        return read.found[0]

    async def changed_channels(self, since: datetime | None) -> Answer[UUID]:
        return await self._ids("/ServiceChannel", "Published", since)

    async def withdrawn_channels(self, since: datetime | None) -> Answer[UUID]:
        return await self._gone("/ServiceChannel", since)

    async def channels(self, ids: Sequence[UUID]) -> Answer[Item[Channel]]:
        return wire.read_items(await self._listed("/ServiceChannel/list", ids), read_channel)

    async def organisations(self, ids: Sequence[UUID]) -> Answer[Organisation]:
        return wire.read_values(await self._listed("/Organization/list", ids), read_organisation)

    async def code_list(self, name: CodeList) -> Answer[Coded]:
        return wire.read_values(await self._pages(f"/CodeList/{wire.CODE_LISTS[name]}", {}), read_coded)

    async def _gone(self, path: str, since: datetime | None) -> Answer[UUID]:
        return wire.joined([await self._ids(path, status, since) for status in ("Withdrawn", "Archived")])

    async def _ids(self, path: str, status: str, since: datetime | None) -> Answer[UUID]:
        query = {"status": status, **({"date": wire.as_date(since)} if since else {})}
        return wire.read_ids(await self._pages(path, query))

    async def _pages(self, path: str, query: Mapping[str, str]) -> list[wire.Page]:
        """All pages in order. The count may grow or shrink while they are read; the last answer counts."""
        pages = [await self._page(path, {**query, "page": "1"}, 1)]
        while len(pages) < pages[-1].count:
            number = len(pages) + 1
            pages.append(await self._page(path, {**query, "page": str(number)}, number))
        return pages

    async def _listed(self, path: str, ids: Sequence[UUID]) -> list[wire.Page]:
        return [await self._page(path, {"guids": guids}, 1) for guids in wire.batches(ids)]

    async def _page(self, path: str, query: Mapping[str, str], number: int) -> wire.Page:
        """One page. Raises Unavailable where the answer is none."""
        answer = await self._outside.call("GET", path, params=query)
        try:
            return wire.read_page(self._outside.json(answer), number, answer.headers.get("date"))
        except wire.OddPage as error:
            raise self._outside.odd(answer, str(error)) from None
