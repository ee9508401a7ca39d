"""What staff work with, for the authorisation matrix: people at the desk, paper mandates, helpers, deliveries."""

import uuid
from datetime import timedelta
from typing import Any

from psycopg.types.range import Range

from tests.tools.desk_forms import DeskForms
from tests.tools.personas import UNIT
from tests.tools.world import FIXED_NOW

TODAY = FIXED_NOW.date()


class Things(DeskForms):
    """All that routes name. What a method returns are parts of an address or fields of a form."""

    def paper(self) -> dict[str, Any]:
        """A checked paper mandate by which the subject of things acts for somebody."""
        new, principal = self._mandate(mandatee=self.of.subject)
        self.rows.run("update local_mandate set checked_by = %s, checked_at = %s where id = %s",
                      self.cast.staff("checker", "triage_nurse", [UNIT], []).staff_id, FIXED_NOW, new)  # fmt: skip
        return {"source": new, "principal": principal}

    def mandate(self) -> dict[str, Any]:
        """A paper mandate that another clerk has recorded and nobody has checked."""
        return {"mandate_id": self._mandate()[0]}

    def own_mandate(self) -> dict[str, Any]:
        """A paper mandate that the one at the browser has recorded."""
        return {"mandate_id": self._mandate(recorded_by=self.seat.staff_id)[0]}

    def stranger(self) -> dict[str, Any]:
        """Somebody registered here with whom nobody of staff has anything to do."""
        person, code = self.person()
        other, others_code = self.person()
        told = {"code": code, "one": code, "other": others_code, "new": self.new_code()}
        return {"person_id": person, "person": person, "other_id": other, "keep": person, **told}

    def found(self) -> dict[str, Any]:
        """Two people who have shown their identity codes to the one at the browser."""
        made = self.stranger()
        if self.seat.staff_id:
            until = FIXED_NOW + timedelta(hours=4)
            for person in (made["person_id"], made["other_id"]):
                self.rows.add("found_person", staff_id=self.seat.staff_id, person_id=person, until=until)
        return made | {"code": made["new"]}

    def changed_stranger(self) -> dict[str, Any]:
        """A stranger, with a new code for them."""
        made = self.stranger()
        return made | {"code": made["new"]}

    def two_adults(self) -> dict[str, Any]:
        return {"principal": self.person()[1], "mandatee": self.person()[1]}

    def unknown(self) -> dict[str, Any]:
        return {"code": self.new_code()}

    def helper(self) -> dict[str, Any]:
        """A stranger's helper."""
        return {"role_id": self._helper(self.person()[0])}

    def found_helper(self) -> dict[str, Any]:
        """The helper of somebody whom the one at the browser has found."""
        return {"role_id": self._helper(self.found()["person_id"])}

    def _helper(self, subject: uuid.UUID) -> uuid.UUID:
        new, staff = uuid.uuid4(), self.cast.staff("recorder", "triage_nurse", [UNIT], []).staff_id
        during = Range(TODAY, TODAY + timedelta(days=30))
        who = {"subject_id": subject, "helper_name": "Tuki", "phone": "", "role": "supporter"}
        self.rows.add("care_role", id=new, during=during, recorded_by=staff, recorded_at=FIXED_NOW, **who)
        return new

    def delivery(self) -> dict[str, Any]:
        new = uuid.uuid4()
        what = {"system": "sms", "kind": "test", "about_id": uuid.uuid4(), "lane": uuid.uuid4(), "state": "refused"}
        rest = {"attempts": 1, "next_at": FIXED_NOW, "reason": "no", "correlation_id": ""}
        self.rows.add("delivery", id=new, **what, **rest)
        return {"delivery_id": new}

    def system(self) -> dict[str, Any]:
        self._paused(at=None, reason="")
        return {"system": "omaolo"}

    def paused_system(self) -> dict[str, Any]:
        self._paused(at=FIXED_NOW, reason="huolto")
        return {"system": "omaolo"}

    def service(self) -> dict[str, Any]:
        return {"service_id": self.rows.one("select id from service where status = 'Published' limit 1")["id"]}

    def _mandate(
        self, mandatee: uuid.UUID | None = None, recorded_by: uuid.UUID | None = None
    ) -> tuple[uuid.UUID, uuid.UUID]:
        new, principal = uuid.uuid4(), self.person()[0]
        self.rows.add(
            "local_mandate",
            id=new,
            principal_id=principal,
            mandatee_id=mandatee or self.person()[0],
            registers=[self.of.register],
            during=Range(TODAY, TODAY + timedelta(days=30)),
            competence="met_here",
            document_type="county_form",
            document="Kansio 1",
            signed_on=TODAY,
            recorded_by=recorded_by or self.cast.staff("recorder", "triage_nurse", [UNIT], []).staff_id,
            recorded_at=FIXED_NOW,
            revoke_reason="",
        )
        return new, principal

    def _paused(self, *, at: Any, reason: str) -> None:
        self.rows.run("update outside_system set paused_at = %s, pause_reason = %s where name = 'omaolo'", at, reason)
