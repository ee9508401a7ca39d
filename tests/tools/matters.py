"""Matters of residents for the authorisation matrix: times, assessments, cases, requests, and who has opened them."""

import uuid
from datetime import timedelta
from typing import Any

from psycopg.types.range import Range

from tests.tools.personas import TASK, UNIT
from tests.tools.workshop import PHONE, Workshop
from tests.tools.world import FIXED_NOW

SERVICES = {"patient": "dental-check", "social": "service-guidance"}


class Matters(Workshop):
    """Rows as the window itself would have left them."""

    def held(self) -> dict[str, Any]:
        return self._appointment("held")

    def booked(self) -> dict[str, Any]:
        return self._appointment("booked")

    def slot(self) -> dict[str, Any]:
        """A free time of a service; the path names the service."""
        return {"service": SERVICES[self.of.register], "slot": self.slots[self.of.register].pop()}

    def run(self, *, finished: bool = False) -> dict[str, Any]:
        """An assessment half-way, or to its end: a copy of one that was really filled in."""
        new = uuid.uuid4()
        self.rows.run(
            "insert into assessment_run (id, subject_id, actor_id, register, assessment_id, titles, language, road,"
            " answers, asked, result, changed_at, finished_at, trying) select %s, %s, %s, %s, assessment_id, titles,"
            " language, road, answers, asked, result, changed_at, finished_at, trying"
            " from assessment_run where id = %s",
            *(new, self.of.subject, self.of.maker, self.of.register, self.runs["finished" if finished else "begun"]),
        )
        return {
            "run_id": new,
            "page_id": self.rows.one("select road from assessment_run where id = %s", new)["road"][-1],
        }

    def finished(self) -> dict[str, Any]:
        return self.run(finished=True)

    def assessed(self) -> dict[str, Any]:
        """A finished assessment, to book or write by, and a time of the service that it leads to."""
        return self.slot() | {"service": "dental-check", "assessment": self.finished()["run_id"]}

    def case(self) -> dict[str, Any]:
        """An urgent case of the unit with a wish to be contacted; in social welfare, of one service task."""
        new, number = uuid.uuid4(), self.number()
        self.rows.add(
            "case",
            id=new,
            reference=f"T{number:07}",
            subject_id=self.of.subject,
            actor_id=self.of.maker,
            register=self.of.register,
            service_task=TASK if self.of.register == "social" else None,
            unit_code=UNIT,
            kind="contact_request",
            titles={"fi": "Asia", "sv": "Ärende", "en": "Matter"},
            language="fi",
            urgency="emergency",
            urgency_rank=0,
            arrived_at=FIXED_NOW,
            due_at=FIXED_NOW - timedelta(minutes=number),  # the newest stands first in the queue
            state="open",
            version=1,
        )
        words = {"name": "Testi", "phone": PHONE, "reachable": "", "message": "Asiaa"}
        self.rows.add("contact_request", id=uuid.uuid4(), case_id=new, **words)
        return {"case_id": new}

    def opened_case(self) -> dict[str, Any]:
        """A case that the one at the browser has opened with a special reason, were it theirs to open."""
        made = self.case()
        if self.seat.staff_id:
            self._opening(self.seat.staff_id)
        return made

    def open_case(self) -> dict[str, Any]:
        """A case with a time; a professional has judged that guardians may see it, where it is a minor's."""
        return self._judged("open")

    def closed_case(self) -> dict[str, Any]:
        """The same, and a capable minor has forbidden it."""
        return self._judged("closed")

    def correction(self) -> dict[str, Any]:
        """A request for correction; in social welfare, of a text in a case of one service task."""
        new, case = uuid.uuid4(), self.case()["case_id"]
        self.rows.add(
            "correction_request",
            id=new,
            reference=f"C{self.number():07}",
            person_id=self.of.subject,
            actor_id=self.of.maker,
            register=self.of.register,
            service_task=TASK if self.of.register == "social" else None,
            target_kind="case",
            target_id=case,
            wrong="Väärin",
            right="Oikein",
            language="fi",
            state="open",
            reasons="",
            created_at=FIXED_NOW - timedelta(minutes=self.number()),
        )
        return {"request_id": new}

    def application(self) -> dict[str, Any]:
        """A case that is an application, pending."""
        made = self.case()
        self.rows.run("update \"case\" set kind = 'application' where id = %s", made["case_id"])
        what = {"kind": "application-informal-care", "pending_since": FIXED_NOW, "state": "pending", "revision": 1}
        self.rows.add("application", case_id=made["case_id"], **what)
        return made

    def asked_application(self) -> dict[str, Any]:
        """An application of which more is asked."""
        made, new = self.application(), uuid.uuid4()
        staff = self.cast.staff("asker", "service_guide", [UNIT], [TASK]).staff_id
        asked = {"asked_at": FIXED_NOW, "staff_id": staff, "question": "Kuka auttaa?", "answer": ""}
        answer_by = FIXED_NOW.date() + timedelta(days=14)
        self.rows.add("information_request", id=new, case_id=made["case_id"], answer_by=answer_by, **asked)
        self.rows.run("update application set state = 'more_asked' where case_id = %s", made["case_id"])
        return made | {"request_id": new}

    def open_application(self) -> dict[str, Any]:
        """The same; a professional has judged that guardians may see it, where it is a minor's."""
        return self._guardians(self.asked_application(), "open")

    def closed_application(self) -> dict[str, Any]:
        """The same, and a capable minor has forbidden it."""
        return self._guardians(self.asked_application(), "closed")

    def decided_application(self) -> dict[str, Any]:
        """An application with a decision that has been opened before."""
        made = self.application()
        staff = self.cast.staff("decider", "service_guide", [UNIT], [TASK]).staff_id
        document = {"language": "fi", "county": "Testi", "title": "Päätös", "facts": [], "parts": []}
        self.rows.add(
            "decision",
            id=uuid.uuid4(),
            reference=f"D{self.number():07}",
            case_id=made["case_id"],
            at=FIXED_NOW,
            staff_id=staff,
            profession="social_worker",
            outcome="refused",
            decided="Ei",
            reasons="Koska",
            document=document,
            language="fi",
            read_at=FIXED_NOW,
        )
        self.rows.run("update application set state = 'decided' where case_id = %s", made["case_id"])
        return made

    def opening(self) -> dict[str, Any]:
        """Somebody of the unit has opened the person's matters with a special reason."""
        staff = self.cast.staff("opener", "triage_nurse", [UNIT], []).staff_id
        assert staff is not None
        return {"access_id": self._opening(staff)}

    def _opening(self, staff: uuid.UUID) -> uuid.UUID:
        new = uuid.uuid4()
        self.rows.add(
            "special_access",
            id=new,
            staff_id=staff,
            unit_code=UNIT,
            subject_id=self.of.subject,
            register=self.of.register,
            reason="other",
            words="Tarvittiin",
            at=FIXED_NOW + timedelta(seconds=self.number()),  # the newest stands first
            until=FIXED_NOW + timedelta(hours=1),
            review="",
        )
        return new

    def _judged(self, access: str) -> dict[str, Any]:
        made = self._guardians(self.case() | self.booked() | self.finished(), access)
        case = made["case_id"]
        self.rows.run("update appointment set case_id = %s where id = %s", case, made["appointment_id"])
        self.rows.run("update assessment_run set case_id = %s where id = %s", case, made["run_id"])
        return made

    def _guardians(self, made: dict[str, Any], access: str) -> dict[str, Any]:
        if self.seat.persona.startswith("parent"):
            self.rows.run('update "case" set guardian_access = %s where id = %s', access, made["case_id"])
        return made

    def _appointment(self, status: str) -> dict[str, Any]:
        """A time that nobody else has, with a professional of its own kind of time: none that pages offer."""
        new, professional = uuid.uuid4(), self.rows.one("select id from professional order by id limit 1")["id"]
        start = FIXED_NOW + timedelta(days=400) - timedelta(minutes=30 * self.number())  # the newest comes first
        during, until = Range(start, start + timedelta(minutes=20)), FIXED_NOW + timedelta(minutes=9)
        self.rows.add(
            "appointment",
            id=new,
            subject_id=self.of.subject,
            actor_id=self.of.maker,
            register=self.of.register,
            service_code=SERVICES[self.of.register],
            location_id=self.rows.one("select id from service_location order by id limit 1")["id"],
            professional_id=professional,
            during=during,
            status=status,
            held_at=FIXED_NOW - timedelta(minutes=1),
            held_until=until,
            booked_at=FIXED_NOW if status == "booked" else None,
            note="",
            phone=PHONE,
            language="fi",
            sequence=0,
        )
        held = until if status == "held" else None
        taken = {"resource_id": professional, "appointment_id": new, "during": during, "state": status}
        self.rows.add("allocation", id=uuid.uuid4(), held_until=held, **taken)
        return {"appointment_id": new}
