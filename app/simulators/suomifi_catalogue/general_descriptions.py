"""General descriptions: national texts that a service may build on."""

from collections.abc import Mapping
from typing import Any

from app.simulators.suomifi_catalogue.shelf import Json


def merged(service: Json, descriptions: Mapping[str, Json]) -> Json:
    """The service with the texts of its general description added, their types prefixed by `GD_`."""
    general = descriptions.get(str(service.get("generalDescriptionId")))
    own = service.get("serviceDescriptions")
    if general is None or not isinstance(own, list):
        return service
    return {**service, "serviceDescriptions": [*own, *_prefixed(general)]}


def _prefixed(general: Mapping[str, Any]) -> list[Json]:
    texts = general.get("descriptions")
    return [{**text, "type": f"GD_{text['type']}"} for text in texts] if isinstance(texts, list) else []
