"""What the record offers, and the profiles that it knows.

Profile names: fiphr-sd-bodyweight and fiphr-sd-questionnaireresponse-r4 are published; the others follow their manner.
Deleting is not offered: what was wrong is marked so.
"""

from collections.abc import Mapping
from dataclasses import dataclass

from app.simulators.fhir_server.description import (
    CHANGEABLE,
    READ_ONLY,
    ResourceDescription,
    SearchParameter,
    ServerDescription,
)

PROFILES = "http://phr.kanta.fi/StructureDefinition/"
_OAUTH_URIS = "http://fhir-registry.smarthealthit.org/StructureDefinition/oauth-uris"


@dataclass(frozen=True)
class ObservationProfile:
    """What a profile fixes: the LOINC code, and the UCUM units by the code of each part."""

    code: str
    units: Mapping[str, str]


OBSERVATIONS: Mapping[str, ObservationProfile] = {
    f"{PROFILES}fiphr-sd-bodyweight": ObservationProfile("29463-7", {"29463-7": "kg"}),
    f"{PROFILES}fiphr-sd-bodyheight": ObservationProfile("8302-2", {"8302-2": "cm"}),
    f"{PROFILES}fiphr-sd-bloodpressure": ObservationProfile("85354-9", {"8480-6": "mm[Hg]", "8462-4": "mm[Hg]"}),
    f"{PROFILES}fiphr-sd-heartrate": ObservationProfile("8867-4", {"8867-4": "/min"}),
    f"{PROFILES}fiphr-sd-bodytemperature": ObservationProfile("8310-5", {"8310-5": "Cel"}),
    f"{PROFILES}fiphr-sd-bloodglucose": ObservationProfile("15074-8", {"15074-8": "mmol/L"}),
}
KNOWN_PROFILES: Mapping[str, frozenset[str]] = {
    "Observation": frozenset(OBSERVATIONS),
    "QuestionnaireResponse": frozenset({f"{PROFILES}fiphr-sd-questionnaireresponse-r4"}),
    "CarePlan": frozenset({f"{PROFILES}fiphr-sd-selfcareplan-r4"}),
}
_IDENTIFIER = SearchParameter("identifier", "token", ("identifier",))
_PATIENT = SearchParameter("patient", "reference", ("subject",))
_SUBJECT = SearchParameter("subject", "reference", ("subject",))
_STATUS = SearchParameter("status", "token", ("status",))
_OWN: Mapping[str, tuple[SearchParameter, ...]] = {
    "Observation": (
        SearchParameter("code", "token", ("code",)),
        SearchParameter("date", "date", ("effectiveDateTime", "effectivePeriod")),
        SearchParameter("category", "token", ("category",)),
    ),
    "QuestionnaireResponse": (
        SearchParameter("authored", "date", ("authored",)),
        SearchParameter("questionnaire", "reference", ("questionnaire",)),
    ),
    "CarePlan": (SearchParameter("date", "date", ("period", "created")),),
}


def phr_server(base: str) -> ServerDescription:
    """The server; `base` is its address, under which the OAuth addresses stand too."""
    written = tuple(_written(name, profiles) for name, profiles in KNOWN_PROFILES.items())
    patient = ResourceDescription("Patient", READ_ONLY, (_IDENTIFIER,))
    return ServerDescription("Kanta PHR (test)", "kanta-phr", (patient, *written), security=_security(base))


def _written(name: str, profiles: frozenset[str]) -> ResourceDescription:
    parameters = (_IDENTIFIER, _PATIENT, _SUBJECT, _STATUS, *_OWN[name])
    return ResourceDescription(name, CHANGEABLE, parameters, profiles=tuple(sorted(profiles)))


def _security(base: str) -> dict[str, object]:
    places = [{"url": name, "valueUri": f"{base}/{name}"} for name in ("authorize", "token", "revoke")]
    coding = {"system": "http://terminology.hl7.org/CodeSystem/restful-security-service", "code": "SMART-on-FHIR"}
    return {"service": [{"coding": [coding]}], "extension": [{"url": _OAUTH_URIS, "extension": places}]}
