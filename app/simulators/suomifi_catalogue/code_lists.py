"""The interface's code lists, as far as the county's world knows them."""

from starlette.requests import Request
from starlette.responses import JSONResponse, Response

from app.content import load
from app.simulators.suomifi_catalogue import query
from app.simulators.suomifi_catalogue.shelf import Json, names

_LANGUAGES = {
    "fi": {"fi": "suomi", "sv": "finska", "en": "Finnish"},
    "sv": {"fi": "ruotsi", "sv": "svenska", "en": "Swedish"},
    "en": {"fi": "englanti", "sv": "engelska", "en": "English"},
}
_COUNTRIES = {"FI": {"fi": "Suomi", "sv": "Finland", "en": "Finland"}}


async def answer(request: Request) -> Response:
    """GetMunicipalityCodes, GetLanguageCodes, GetCountryCodes, GetPostalCodes (this one in pages)."""
    name = request.path_params["name"]
    if name == "GetPostalCodes":
        return JSONResponse({"pageNumber": 1, "pageSize": 1000, "pageCount": 1, "itemList": _postal_codes()})
    lists = {
        "GetMunicipalityCodes": {row["code"]: row["names"] for row in load("municipalities.json")},
        "GetLanguageCodes": _LANGUAGES,
        "GetCountryCodes": _COUNTRIES,
    }
    if name not in lists:
        raise query.unknown("name")
    return JSONResponse([{"code": code, "names": names(texts)} for code, texts in lists[name].items()])


async def areas(request: Request) -> Response:
    """The areas of one type: the county itself; of the older types this world has none."""
    kind = query.choice(request.path_params["type"], "type", query.AREAS)
    county = load("county.json")
    found = [{"code": county["code"], "names": names(county["name"])}] if kind == "WellbeingServicesCounty" else []
    return JSONResponse(found)


def _postal_codes() -> list[Json]:
    places = load("catalogue/locations.json")["itemList"]
    streets = [place["addresses"][0]["streetAddress"] for place in places]
    found = {street["postalCode"]: street["postOffice"] for street in streets}
    return [{"code": code, "names": office} for code, office in sorted(found.items())]
