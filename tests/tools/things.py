"""The things that routes name, made fresh for one request: rows as the window itself would have left them."""

import itertools
import uuid
from dataclasses import dataclass, field
from datetime import date, timedelta
from typing import Any

from psycopg.types.range import Range

from app.domain.identity_code import check_character
from app.services.anonymous_work import seal_earlier
from app.services.identity_vault import IdentityVault
from app.web.tokens import hash_secret, new_secret
from tests.tools.personas import TASK, UNIT, Cast, Of, Seat
from tests.tools.rows import Rows
from tests.tools.world import FIXED_NOW

SERVICES = {"patient": "dental-check", "social": "service-guidance"}
PHONE = "+358401234567"
_numbers = itertools.count(1)


@dataclass
class Maker:
    """Makes things of `of` for the one at `seat`; what it returns are parts of an address or fields of a form."""

    rows: Rows
    cast: Cast
    vault: IdentityVault
    seat: Seat
    of: Of
    runs: dict[str, uuid.UUID]
    slots: dict[str, list[str]]
    today: date = field(default_factory=FIXED_NOW.date)

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

    def to_save(self) -> dict[str, Any]:
        """A finished assessment, and a consent to save it."""
        return self.finished() | self.consent()

    def consent(self) -> dict[str, Any]:
        self.rows.run("delete from health_record_consent where person_id = %s", self.of.subject)
        scopes = ["patient/QuestionnaireResponse.write", "patient/CarePlan.write"]
        sealed = self.vault.seal("refresh")
        values = {"person_id": self.of.subject, "patient_id": "1", "scopes": scopes, "refresh_sealed": sealed}
        self.rows.add("health_record_consent", id=uuid.uuid4(), given_at=FIXED_NOW, ended_by="", **values)
        return {}

    def case(self) -> dict[str, Any]:
        """An urgent case of the unit with a wish to be contacted; in social welfare, of one service task."""
        new, number = uuid.uuid4(), next(_numbers)
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
            reference=f"C{next(_numbers):07}",
            person_id=self.of.subject,
            actor_id=self.of.maker,
            register=self.of.register,
            target_kind="case",
            target_id=case,
            wrong="Väärin",
            right="Oikein",
            language="fi",
            state="open",
            reasons="",
            created_at=FIXED_NOW - timedelta(minutes=next(_numbers)),
        )
        return {"request_id": new}

    def opening(self) -> dict[str, Any]:
        """Somebody of the unit has opened the person's matters with a special reason."""
        staff = self.cast.staff("opener", "triage_nurse", [UNIT], []).staff_id
        assert staff is not None
        return {"access_id": self._opening(staff)}

    def permit(self) -> dict[str, Any]:
        new = uuid.uuid4()
        self.rows.run("update permit set ended_at = %s where person_id = %s", FIXED_NOW, self.of.subject)
        self.rows.add(
            "permit", id=new, person_id=self.of.subject, kind="permission", scope="health-to-social", given_at=FIXED_NOW
        )
        return {"permit_id": new}

    def no_permit(self) -> dict[str, Any]:
        self.rows.run("delete from permit")
        return {"scope": "health-to-social"}

    def phone(self) -> dict[str, Any]:
        """The number of the one at the browser, with a code that has been sent."""
        new, person = uuid.uuid4(), self.seat.person_id or self.of.subject
        self.rows.run("delete from contact_point where person_id = %s", person)
        code_hash = self.vault.lookup(f"code {new} {PHONE} 123456")
        until = {"code_until": FIXED_NOW + timedelta(minutes=5), "code_tries": 0, "changed_at": FIXED_NOW}
        self.rows.add(
            "contact_point", id=new, person_id=person, kind="phone", value=PHONE, code_hash=code_hash, **until
        )
        return {"kind": "phone", "code": "123456"}

    def no_phone(self) -> dict[str, Any]:
        self.rows.run("delete from contact_point")
        return {"phone": "040 123 4567", "email": "testi@example.fi"}

    def typed(self) -> dict[str, Any]:
        """What the maker typed about the subject, and could not send."""
        new = uuid.uuid4()
        sealed = self.vault.seal_bytes(b'{"message": ["Salainen"]}')
        who = {"person_id": self.of.maker, "subject_id": self.of.subject}
        self.rows.add("set_aside", id=new, path="/fi/contact", values_sealed=sealed, created_at=FIXED_NOW, **who)
        return {"kept_id": new}

    def older(self) -> dict[str, Any]:
        """Answers of an earlier browser session, offered to a session of the subject."""
        earlier, own = uuid.uuid4(), self.seat
        if self.seat.persona != "self":
            own = self.cast.resident("owner", self.of.subject)
        assert own.session_id is not None
        times = {"created_at": FIXED_NOW, "seen_at": FIXED_NOW}
        self.rows.add("browser_session", id=earlier, token_hash=hash_secret(new_secret()), **times)
        run = self.run()["run_id"]
        self.rows.run(
            "update assessment_run set subject_id = null, actor_id = null, session_id = %s,"
            ' answers = \'{"who": "me"}\' where id = %s',
            *(earlier, run),
        )
        return {"of": seal_earlier(self.vault, earlier, own.session_id), "answer": "yes"}

    def browser(self) -> dict[str, Any]:
        """Another browser in which the subject is signed in, and one of whoever is at this one."""
        if self.seat.person_id:
            self.cast.resident("second", self.seat.person_id)
        return {"session_id": self.cast.resident("second", self.of.subject).session_id}

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
        new, staff = uuid.uuid4(), self.cast.staff("recorder", "triage_nurse", [UNIT], []).staff_id
        during = Range(self.today, self.today + timedelta(days=30))
        who = {"subject_id": self.person()[0], "helper_name": "Tuki", "phone": "", "role": "supporter"}
        self.rows.add("care_role", id=new, during=during, recorded_by=staff, recorded_at=FIXED_NOW, **who)
        return {"role_id": new}

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

    def person(self) -> tuple[uuid.UUID, str]:
        """A new adult with an identity code of the artificial series."""
        new, code = uuid.uuid4(), self.new_code()
        identity = {"identity_lookup": self.vault.lookup(code), "identity_sealed": self.vault.seal(code)}
        names = {"given_name": "Testi", "family_name": "Vieras", "language": "fi", "non_disclosure": False}
        self.rows.add("person", id=new, birth_date=date(1960, 1, 1), **identity, **names)
        return new, code

    def new_code(self) -> str:
        """An identity code that nobody has had here."""
        number = next(_numbers)
        day = (date(1950, 1, 1) + timedelta(days=number)).strftime("%d%m%y")
        return f"{day}-999{check_character(day, '999')}"

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
            at=FIXED_NOW + timedelta(seconds=next(_numbers)),  # the newest stands first
            until=FIXED_NOW + timedelta(hours=1),
            review="",
        )
        return new

    def _judged(self, access: str) -> dict[str, Any]:
        made = self.case() | self.booked() | self.finished()
        case = made["case_id"]
        if self.seat.persona.startswith("parent"):
            self.rows.run('update "case" set guardian_access = %s where id = %s', access, case)
        self.rows.run("update appointment set case_id = %s where id = %s", case, made["appointment_id"])
        self.rows.run("update assessment_run set case_id = %s where id = %s", case, made["run_id"])
        return made

    def _paused(self, *, at: Any, reason: str) -> None:
        self.rows.run("update outside_system set paused_at = %s, pause_reason = %s where name = 'omaolo'", at, reason)

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
            during=Range(self.today, self.today + timedelta(days=30)),
            competence="met_here",
            document_type="county_form",
            document="Kansio 1",
            signed_on=self.today,
            recorded_by=recorded_by or self.cast.staff("recorder", "triage_nurse", [UNIT], []).staff_id,
            recorded_at=FIXED_NOW,
            revoke_reason="",
        )
        return new, principal

    def _appointment(self, status: str) -> dict[str, Any]:
        """A time that nobody else has, with a professional of its own kind of time: none that pages offer."""
        new, professional = uuid.uuid4(), self.rows.one("select id from professional order by id limit 1")["id"]
        start = FIXED_NOW + timedelta(days=40, minutes=30 * next(_numbers))
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
