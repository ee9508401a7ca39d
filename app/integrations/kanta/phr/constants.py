"""Fixed names of the Kanta PHR, each with its source.

Verified (kanta.fi technical instructions, FinnishPHR profiles): the profile base, the profiles of questionnaire
responses and body weight, the extension's name, the identifier system, and that profile, language, narrative and
identifier are mandatory. From memory: scope strings. Not found: the profile of self-care plans in R4, the type of the
extension's value. What is not verified is a default in `PhrConfig`.
"""

SYSTEM = "kanta-phr"

PROFILE_BASE = "http://phr.kanta.fi/StructureDefinition/"
QUESTIONNAIRE_RESPONSE_PROFILE = "fiphr-sd-questionnaireresponse-r4"
SELF_CARE_PLAN_PROFILE = "fiphr-sd-selfcareplan-r4"
CREATING_APPLICATION = PROFILE_BASE + "fiphr-ext-creatingapplication"

URI_SYSTEM = "urn:ietf:rfc:3986"  # FHIR R4, identifier registry: the value is a URI
IDENTITY_CODE_SYSTEM = "urn:oid:1.2.246.21"  # the Finnish personal identity code
DISPLAY = "http://hl7.org/fhir/StructureDefinition/display"  # FHIR R4, extension registry
LOINC = "http://loinc.org"
UCUM = "http://unitsofmeasure.org"
OBSERVATION_CATEGORY = "http://terminology.hl7.org/CodeSystem/observation-category"
FHIR_JSON = "application/fhir+json"

SCOPES = (
    "patient/Patient.read",
    "patient/Observation.read",
    "patient/Observation.write",
    "patient/QuestionnaireResponse.read",
    "patient/QuestionnaireResponse.write",
    "patient/CarePlan.read",
    "patient/CarePlan.write",
    "offline_access",
)
