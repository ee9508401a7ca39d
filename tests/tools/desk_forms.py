"""Versions of forms at the desk of content owners, for the authorisation matrix."""

import json
import uuid
from typing import Any

from app.services.forms.shipped import digest_of
from tests.tools.belongings import Belongings
from tests.tools.personas import UNIT
from tests.tools.world import FIXED_NOW

TEXTS = {"fi": "Kysely", "sv": "Enkät", "en": "Survey"}


class DeskForms(Belongings):
    """Rows as the desk itself would have left them, brought in by another content owner."""

    def form_draft(self) -> dict[str, Any]:
        """A draft, not clinical and whole: it can be sent, edited, and published by one."""
        return self._version("draft")

    def form_in_review(self) -> dict[str, Any]:
        """A clinical one that waits for a second person."""
        return self._version("in_review", clinical=True)

    def form_published(self) -> dict[str, Any]:
        """One that is filled in today."""
        return self._version("published", effective_from=FIXED_NOW.date(), published_at=FIXED_NOW)

    def _version(self, state: str, **more: Any) -> dict[str, Any]:
        new, content = uuid.uuid4(), _content()
        values = {
            "clinical": False,
            "code": f"form-{new.hex[:8]}",
            "titles": json.dumps(TEXTS),
            "summaries": json.dumps(TEXTS),
            "content": json.dumps(content),
            "notes": "[]",
            "digest": digest_of(content),
            **more,
        }
        names = {"version": "1", "url": new.urn, "kind": "other", "register": "patient", "who": "signed_in"}
        self.rows.add(
            "questionnaire", id=new, state=state, unit_code=UNIT, limit_rules=[], revision=1, **names, **values
        )
        owner = self.cast.staff("owner", "content_owner", [UNIT], []).staff_id
        self.rows.add(
            "questionnaire_event",
            id=uuid.uuid4(),
            questionnaire_id=new,
            at=FIXED_NOW,
            staff_id=owner,
            event="imported",
            detail=json.dumps({"revision": 1}),
        )
        return {"version_id": new, "revision": "1", "code": values["code"], "json": json.dumps(content)}


def _content() -> dict[str, Any]:
    """A Questionnaire of one text, which needs no translation."""
    item = {"linkId": "1", "type": "display", "text": "1"}
    return {"resourceType": "Questionnaire", "language": "fi", "title": "1", "item": [item], "version": "1"}
