"""The interface's addresses under /api/v11."""

from collections.abc import Callable, Mapping
from typing import Any

from fastapi import FastAPI
from starlette.requests import Request
from starlette.responses import JSONResponse, Response

from app.simulators.suomifi_catalogue import code_lists, query
from app.simulators.suomifi_catalogue.editing import Editing
from app.simulators.suomifi_catalogue.filters import Filter, belongs_to, first_name, in_area, leads_to, parts
from app.simulators.suomifi_catalogue.general_descriptions import merged
from app.simulators.suomifi_catalogue.query import Handler, Refused, answering
from app.simulators.suomifi_catalogue.shelf import KINDS, Json, Kind, Shelf, modified

BASE = "/api/v11"
CHANNEL_TYPES = ("EChannel", "WebPage", "PrintableForm", "Phone", "ServiceLocation")
SERVICE_TYPES = ("Service", "PermitOrObligation", "ProfessionalQualification")
_CLASSES = {"serviceClass": "serviceClasses", "targetGroup": "targetGroups", "industrialClass": "industrialClasses"}


class Endpoints:
    """The catalogue on the air."""

    def __init__(self, shelf: Shelf) -> None:
        self._shelf = shelf

    def app(self) -> FastAPI:
        app = FastAPI(docs_url=None, redoc_url=None, openapi_url=None)

        def add(path: str, handler: Handler, method: str = "GET") -> None:
            app.add_route(path, answering(handler), [method])

        editing = Editing(self._shelf)
        for name, field in _CLASSES.items():
            add(f"{BASE}/Service/{name}", self._of_class(field))
        add(f"{BASE}/Service/type/{{type}}", self._of_type("Service", "type", SERVICE_TYPES))
        add(f"{BASE}/Service/serviceChannel/{{channel}}", self.services_of_channel)
        add(f"{BASE}/Service/serviceWithGD/{{id}}", self.with_general_description)
        add(f"{BASE}/ServiceChannel/type/{{type}}", self._of_type("ServiceChannel", *_CHANNEL_TYPE))
        add(f"{BASE}/ServiceChannel/organization/{{id}}", self.channels_of_organisation)
        add(f"{BASE}/ServiceChannel/organization/{{id}}/type/{{type}}", self.channels_of_organisation)
        add(f"{BASE}/Organization/businesscode/{{value}}", self._organisation_by("businessCode"))
        add(f"{BASE}/Organization/oid/{{value}}", self._organisation_by("oid"))
        add(f"{BASE}/Organization/Hierarchy", self.hierarchy)
        add(f"{BASE}/Organization/Hierarchy/{{id}}", self.hierarchy)
        for kind in KINDS:
            self._add_common(add, kind)
        add(f"{BASE}/CodeList/{{name}}", code_lists.answer)
        add(f"{BASE}/CodeList/GetAreaCodes/type/{{type}}", code_lists.areas)
        add("/_edit", editing.restore, "DELETE")
        add("/_edit/paging", editing.set_paging, "PUT")
        add("/_edit/{kind}/{id}", editing.edit, "PUT")
        return app

    def _add_common(self, add: Callable[[str, Handler], None], kind: Kind) -> None:
        """What every kind has; the address by identifier comes last, it would take the others' words for one."""
        add(f"{BASE}/{kind}", self._ids(kind))
        add(f"{BASE}/{kind}/list", self._list(kind))
        if kind != "GeneralDescription":
            add(f"{BASE}/{kind}/area/{{area}}/code/{{code}}", self._of_area(kind, self._id_page))
            add(f"{BASE}/{kind}/list/area/{{area}}/code/{{code}}", self._of_area(kind, self._object_page))
        if kind in ("Service", "ServiceChannel"):
            add(f"{BASE}/{kind}/list/organization", self._of_organisation(kind))
        add(f"{BASE}/{kind}/{{id}}", self._one(kind))

    def _ids(self, kind: Kind) -> Handler:
        async def ids(request: Request) -> Response:
            status = query.choice(request.query_params.get("status", "Published"), "status", query.STATUSES)
            after, before = query.moment(request, "date"), query.moment(request, "dateBefore")

            def wanted(item: Mapping[str, Any]) -> bool:
                moment = modified(item)
                late = after is None or (moment is not None and moment >= after)
                return late and (before is None or (moment is not None and moment < before))

            return self._id_page(request, self._chosen(kind, wanted, status))

        return ids

    def _list(self, kind: Kind) -> Handler:
        async def listed(request: Request) -> Response:
            wanted = set(query.guids(request))
            return JSONResponse(self._chosen(kind, lambda item: item.get("id") in wanted))

        return listed

    def _one(self, kind: Kind) -> Handler:
        async def one(request: Request) -> Response:
            return JSONResponse(self._published(kind, query.guid(request.path_params["id"])))

        return one

    def _of_type(self, kind: Kind, field: str, allowed: tuple[str, ...]) -> Handler:
        async def of_type(request: Request) -> Response:
            wanted = query.choice(request.path_params["type"], "type", allowed)
            return self._id_page(request, self._chosen(kind, lambda item: item.get(field) == wanted))

        return of_type

    def _of_class(self, field: str) -> Handler:
        async def of_class(request: Request) -> Response:
            uri = request.query_params.get("uri")
            if not uri:
                raise Refused("uri", "The uri field is required.")
            chosen = self._chosen("Service", lambda item: any(uri == one.get("uri") for one in parts(item, field)))
            return self._id_page(request, chosen)

        return of_class

    def _of_organisation(self, kind: Kind) -> Handler:
        async def of_organisation(request: Request) -> Response:
            organisation = self._asked_organisation(request)
            return self._object_page(request, self._chosen(kind, belongs_to(organisation)))

        return of_organisation

    def _of_area(self, kind: Kind, page: Callable[[Request, list[Json]], Response]) -> Handler:
        async def of_area(request: Request) -> Response:
            area = query.choice(request.path_params["area"], "area", query.AREAS)
            whole = query.flag(request, "includeWholeCountry")
            chosen = self._chosen(kind, in_area(area, request.path_params["code"], whole_country=whole))
            if kind == "Service" and query.flag(request, "serviceWithGD"):
                chosen = [merged(item, self._shelf.items("GeneralDescription")) for item in chosen]
            return page(request, chosen)

        return of_area

    def _organisation_by(self, field: str) -> Handler:
        async def by_field(request: Request) -> Response:
            value = request.path_params["value"]
            found = self._chosen("Organization", lambda item: item.get(field) == value)
            if not found:
                raise query.unknown(field)
            return JSONResponse(found[0])

        return by_field

    async def services_of_channel(self, request: Request) -> Response:
        channel = query.guid(request.path_params["channel"], "serviceChannelId")
        self._published("ServiceChannel", channel)
        chosen = self._chosen("Service", leads_to("serviceChannels", "serviceChannel", channel))
        return self._id_page(request, chosen)

    async def with_general_description(self, request: Request) -> Response:
        service = self._published("Service", query.guid(request.path_params["id"]))
        return JSONResponse(merged(service, self._shelf.items("GeneralDescription")))

    async def channels_of_organisation(self, request: Request) -> Response:
        organisation = query.guid(request.path_params["id"])
        self._published("Organization", organisation)
        kind = request.path_params.get("type")
        if kind is not None:
            query.choice(kind, "type", CHANNEL_TYPES)
        mine = belongs_to(organisation)
        chosen = self._chosen(
            "ServiceChannel", lambda item: mine(item) and kind in (None, item.get("serviceChannelType"))
        )
        return self._id_page(request, chosen)

    async def hierarchy(self, request: Request) -> Response:
        everybody = self._chosen("Organization", lambda _item: True)
        asked = request.path_params.get("id")
        top = [self._published("Organization", query.guid(asked))] if asked else _roots(everybody)
        trees = [_tree(item, everybody) for item in top]
        return JSONResponse(trees[0] if asked else trees)

    def _chosen(self, kind: Kind, wanted: Filter, status: str = "Published") -> list[Json]:
        items = self._shelf.items(kind).values()
        return [item for item in items if item.get("publishingStatus") == status and wanted(item)]

    def _published(self, kind: Kind, item_id: str) -> Json:
        item = self._shelf.items(kind).get(item_id)
        if item is None or item.get("publishingStatus") != "Published":
            raise query.unknown("id")
        return item

    def _asked_organisation(self, request: Request) -> str:
        fields = {"organizationId": "id", "code": "businessCode", "oid": "oid"}
        name = next((one for one in fields if request.query_params.get(one)), None)
        if name is None:
            raise Refused("organizationId", "One of organizationId, code and oid is required.")
        value = request.query_params[name]
        if name == "organizationId":
            value = query.guid(value, name)
        found = self._chosen("Organization", lambda item: item.get(fields[name]) == value)
        if not found:
            raise query.unknown(name)
        return str(found[0]["id"])

    def _id_page(self, request: Request, items: list[Json]) -> Response:
        short = [{"id": item.get("id"), "name": first_name(item)} for item in items]
        return _page(request, short, self._shelf.paging["ids"])

    def _object_page(self, request: Request, items: list[Json]) -> Response:
        return _page(request, items, self._shelf.paging["objects"])


_CHANNEL_TYPE = ("serviceChannelType", CHANNEL_TYPES)


def _page(request: Request, entries: list[Json], size: int) -> Response:
    number = query.page_number(request)
    shown = entries[(number - 1) * size : number * size]
    pages = -(-len(entries) // size)
    return JSONResponse({"pageNumber": number, "pageSize": size, "pageCount": pages, "itemList": shown})


def _roots(everybody: list[Json]) -> list[Json]:
    return [item for item in everybody if not item.get("parentOrganizationId")]


def _tree(item: Json, everybody: list[Json], depth: int = 0) -> Json:
    """An organisation with its parts; no county has more than ten floors, and an edited one may lead to itself."""
    parts = [one for one in everybody if one.get("parentOrganizationId") == item["id"]] if depth < 10 else []
    return {
        "id": item["id"],
        "organizationNames": item.get("organizationNames"),
        "organizations": [_tree(one, everybody, depth + 1) for one in parts],
    }
