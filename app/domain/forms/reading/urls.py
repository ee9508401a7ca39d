"""The extensions that the reader knows, by url; several urls where the standard has renamed one."""

from app.domain.fhir import CORE, EXCLUSIVE, ITEM_CONTROL, MAXIMUM, MINIMUM, OWN, TRANSLATION, UNIT

SDC = "http://hl7.org/fhir/uv/sdc/StructureDefinition/"
R5 = "http://hl7.org/fhir/5.0/StructureDefinition/extension-Questionnaire.item."

HELP, ONE_PAGE, MINUTES = OWN + "help", OWN + "one-page", OWN + "minutes"
MEANING_CHANGED, ALARMING, FOR_ANOTHER = OWN + "meaning-changed", OWN + "alarming", OWN + "text-for-another"
REMEMBER_AS = OWN + "remember-as"

HIDDEN = CORE + "questionnaire-hidden"
DISPLAY_CATEGORY = CORE + "questionnaire-displayCategory"
SUPPORT_LINK = CORE + "questionnaire-supportLink"
ENTRY_FORMAT = CORE + "entryFormat"
SUB_QUESTIONNAIRE = SDC + "sdc-questionnaire-subQuestionnaire"
ANSWER_CONSTRAINT = R5 + "answerConstraint"

UNIT_OPTION, UNIT_VALUE_SET = CORE + "questionnaire-unitOption", CORE + "questionnaire-unitValueSet"
MIN_LENGTH, REGEX, MAX_DECIMALS = CORE + "minLength", CORE + "regex", CORE + "maxDecimalPlaces"
MIN_OCCURS, MAX_OCCURS = CORE + "questionnaire-minOccurs", CORE + "questionnaire-maxOccurs"
MIME_TYPE, MAX_SIZE = CORE + "mimeType", CORE + "maxSize"
MIN_VALUES = (MINIMUM, SDC + "sdc-questionnaire-minQuantity", CORE + "questionnaire-minValue")
MAX_VALUES = (MAXIMUM, SDC + "sdc-questionnaire-maxQuantity", CORE + "questionnaire-maxValue")

OPTION_PREFIX = CORE + "questionnaire-optionPrefix"
SCORES = (
    CORE + "ordinalValue",
    CORE + "itemWeight",
    CORE + "questionnaire-ordinalValue",
    CORE + "codesystem-ordinalValue",
    CORE + "valueset-ordinalValue",
)

VARIABLE = CORE + "variable"
INITIAL = (SDC + "sdc-questionnaire-initialExpression", CORE + "questionnaire-initialExpression")
CALCULATED = (SDC + "sdc-questionnaire-calculatedExpression", CORE + "questionnaire-calculatedExpression")
ENABLE = (SDC + "sdc-questionnaire-enableWhenExpression", CORE + "questionnaire-enableWhenExpression")
CONSTRAINTS = (CORE + "targetConstraint", CORE + "questionnaire-constraint")
TEXT_EXPRESSIONS = frozenset({CORE + "cqf-expression", CORE + "cqf-calculatedValue"})
FORMATTING = frozenset({CORE + name for name in ("rendering-xhtml", "rendering-markdown", "rendering-style")})

KNOWN = frozenset(
    {
        *(HELP, ONE_PAGE, MINUTES, MEANING_CHANGED, ALARMING, FOR_ANOTHER, REMEMBER_AS, TRANSLATION),
        *(HIDDEN, DISPLAY_CATEGORY, ENTRY_FORMAT, ITEM_CONTROL, ANSWER_CONSTRAINT),
        *(UNIT, UNIT_OPTION, UNIT_VALUE_SET, MIN_LENGTH, REGEX, MAX_DECIMALS, MIN_OCCURS, MAX_OCCURS),
        *(MIME_TYPE, MAX_SIZE, OPTION_PREFIX, EXCLUSIVE, VARIABLE),
        *(*MIN_VALUES, *MAX_VALUES, *SCORES, *INITIAL, *CALCULATED, *ENABLE, *CONSTRAINTS),
    }
)
UNSUPPORTED = frozenset(
    {
        *(
            SDC + "sdc-questionnaire-" + name
            for name in (
                *("answerExpression", "answerOptionsToggleExpression", "candidateExpression", "contextExpression"),
                *("choiceColumn", "collapsible", "columnCount", "itemPopulationContext", "itemExtractionContext"),
                *("launchContext", "lookupQuestionnaire", "maxQuantity", "openLabel", "width", "keyboard"),
                *("observationLinkPeriod", "performerType", "preferredTerminologyServer", "sourceQueries"),
                *("sourceStructureMap", "targetStructureMap", "unitOpen", "unitSupplementalSystem", "endpoint"),
            )
        ),
        *(
            CORE + "questionnaire-" + name
            for name in (
                *("answerExpression", "choiceOrientation", "fhirType", "referenceFilter", "referenceProfile"),
                *("referenceResource", "signatureRequired", "sliderStepValue", "usageMode", "unitOpen"),
            )
        ),
        *(R5 + name for name in ("disabledDisplay", "answerOption.initialSelected")),
    }
)
"""Real things that this engine does not do; those that only matter to other systems are among them."""
