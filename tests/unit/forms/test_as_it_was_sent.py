"""A form that was sent, shown again later."""

from datetime import UTC, datetime
from uuid import uuid4

from app.domain.forms.answers import Address, Answers
from app.domain.forms.layout import lay_out
from app.domain.forms.reading.questionnaire import read_form
from app.services.forms.library import ReadForm
from app.services.forms.sent import as_it_was_sent

ENABLED = "http://hl7.org/fhir/uv/sdc/StructureDefinition/sdc-questionnaire-enableWhenExpression"
OF_PATIENT = {"language": "text/fhirpath", "expression": "%patient.birthDate.exists()"}
QUESTIONNAIRE = {
    "resourceType": "Questionnaire",
    "status": "active",
    "item": [
        {
            "linkId": "g",
            "type": "group",
            "extension": [{"url": ENABLED, "valueExpression": OF_PATIENT}],
            "item": [{"linkId": "a", "type": "string", "text": "Asked of some"}],
        },
        {"linkId": "b", "type": "string", "text": "Asked of all"},
    ],
}


def test_what_was_sent_was_asked() -> None:
    """An answer that was asked for because of something known of the person then is read by professionals later."""
    form = read_form(QUESTIONNAIRE).form
    answers = Answers({Address("a"): ("Told",)})
    state = as_it_was_sent(ReadForm(uuid4(), form, lay_out(form)), answers, datetime(2026, 11, 22, tzinfo=UTC))
    assert {one.address.link_id for one in state.asked_instances()} == {"g", "a", "b"}
    assert state.answers.of(Address("a")) == ("Told",)
