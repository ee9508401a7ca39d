"""What belongs to a resident alone, for the authorisation matrix: consents, permits, contact details, sessions."""

import uuid
from datetime import timedelta
from typing import Any

from app.services.cases.return_codes import new_return_code
from app.services.identity.anonymous_work import seal_earlier
from app.web.tokens import hash_secret, new_secret
from tests.tools.papers import Papers
from tests.tools.workshop import PHONE
from tests.tools.world import FIXED_NOW


class Belongings(Papers):
    """Rows as the window itself would have left them."""

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

    def permit(self) -> dict[str, Any]:
        new = uuid.uuid4()
        self.rows.run("update permit set ended_at = %s where person_id = %s", FIXED_NOW, self.of.subject)
        self.rows.add(
            "permit", id=new, person_id=self.of.subject, kind="permission", scope="health-to-social", given_at=FIXED_NOW
        )
        return {"permit_id": new}

    def needs(self) -> dict[str, Any]:
        """What we remember of the one at the browser, or of the subject."""
        person = self.seat.person_id or self.of.subject
        self.rows.run("delete from person_needs where person_id = %s", person)
        told = {"interpreter": "ar", "accessibility": "", "changed_at": FIXED_NOW}
        self.rows.add("person_needs", person_id=person, **told)
        return {}

    def returned(self) -> dict[str, Any]:
        """A contact that nobody signed, and its code."""
        made = self.claimed()
        self.rows.run('update "case" set subject_id = null, actor_id = null where id = %s', made["case_id"])
        return made

    def claimed(self) -> dict[str, Any]:
        """The subject's contact, and the code that it had before it was theirs."""
        made, code = self.case(), new_return_code(self.vault)
        self.rows.run('update "case" set return_code_hash = %s where id = %s', code.hash, made["case_id"])
        return made | {"code": code.code}

    def no_permit(self) -> dict[str, Any]:
        self.rows.run("delete from permit")
        return {"scope": "health-to-social"}

    def phone(self) -> dict[str, Any]:
        """The number of the one at the browser, with a code that has been sent."""
        new, person = uuid.uuid4(), self.seat.person_id or self.of.subject
        self._contact_point(new, person, "phone", PHONE)
        return {"kind": "phone", "code": "123456"}

    def email(self) -> dict[str, Any]:
        """The address of the one at the browser, with a code that has been sent."""
        new, person = uuid.uuid4(), self.seat.person_id or self.of.subject
        self._contact_point(new, person, "email", "testi@example.fi")
        return {"kind": "email", "email_code": "123456"}

    def _contact_point(self, new: uuid.UUID, person: uuid.UUID, kind: str, value: str) -> None:
        self.rows.run("delete from contact_point where person_id = %s", person)
        code_hash = self.vault.lookup(f"code {new} {value} 123456")
        until = {"code_until": FIXED_NOW + timedelta(minutes=5), "code_tries": 0, "changed_at": FIXED_NOW}
        self.rows.add("contact_point", id=new, person_id=person, kind=kind, value=value, code_hash=code_hash, **until)

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
