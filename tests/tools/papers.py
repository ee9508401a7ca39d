"""Forms that residents fill in and have sent, for the authorisation matrix: drafts, responses, files, notices."""

import uuid
from typing import Any

from tests.tools.form_answers import NOTICE, REASON, answers_to
from tests.tools.matters import Matters
from tests.tools.personas import TASK, UNIT
from tests.tools.world import FIXED_NOW

FORM, CONCERN = "pre-visit", "concern-older"


class Papers(Matters):
    """Rows as the window itself would have left them."""

    def draft(self) -> dict[str, Any]:
        """A draft of the one who has made the thing."""
        return self._filling(FORM, subject_id=self.of.subject, actor_id=self.of.maker)

    def own_draft(self) -> dict[str, Any]:
        """A draft of the one at the browser for the subject; where nobody has signed in, the maker's."""
        return self._filling(FORM, subject_id=self.of.subject, actor_id=self.seat.person_id or self.of.maker)

    def notice_here(self) -> dict[str, Any]:
        """A notice of concern that is being written in this browser."""
        return self._filling(CONCERN, session_id=self.seat.session_id or uuid.uuid4())

    def notice_elsewhere(self) -> dict[str, Any]:
        """A notice that the same person is writing in another browser."""
        return self._filling(CONCERN, session_id=self.cast.resident("elsewhere", self.of.subject).session_id)

    def sent(self) -> dict[str, Any]:
        """A form that the maker has sent."""
        return self._sent(self.of.maker)

    def own_sent(self) -> dict[str, Any]:
        """A form that the one at the browser has sent for the subject; where nobody has signed in, the maker."""
        return self._sent(self.seat.person_id or self.of.maker)

    def open_form(self) -> dict[str, Any]:
        """A form in a case that guardians may see, where it is a minor's."""
        return self._judged_form("open")

    def closed_form(self) -> dict[str, Any]:
        """A form in a case that a capable minor has closed to them."""
        return self._judged_form("closed")

    def opened_form(self) -> dict[str, Any]:
        """A form in a case that the one at the browser has opened with a special reason, were it theirs to open."""
        return self._sent_in(self.opened_case()["case_id"], self.of.maker)

    def notice(self) -> dict[str, Any]:
        """A notice of concern that has arrived in the unit: nobody's."""
        case = self.case()["case_id"]
        nobodys = "update \"case\" set subject_id = null, actor_id = null, kind = 'concern' where id = %s"
        self.rows.run("delete from contact_request where case_id = %s", case)
        self.rows.run(nobodys, case)
        return self._filling(CONCERN, case_id=case, **_SENT) | {"case_id": case}

    def asked(self) -> dict[str, Any]:
        """A form that waits for the subject; asked for with a booking of the maker's."""
        new = uuid.uuid4()
        who = {"subject_id": self.of.subject, "actor_id": self.of.maker, "register": self.of.register}
        self.rows.add("form_task", id=new, code=FORM, asked_at=FIXED_NOW, state="open", **who)
        return {"code": FORM, "task": new}

    def asked_in_case(self) -> dict[str, Any]:
        """A form that a professional has asked for in a case, and that waits."""
        return self._asked_in(self.case()["case_id"])

    def asked_in_opened_case(self) -> dict[str, Any]:
        """The same in a case that the one at the browser has opened with a special reason, were it theirs to open."""
        return self._asked_in(self.opened_case()["case_id"])

    def _asked_in(self, case: uuid.UUID) -> dict[str, Any]:
        new, staff = uuid.uuid4(), self.cast.staff("asker", "triage_nurse", [UNIT], []).staff_id
        who = {"subject_id": self.of.subject, "register": self.of.register, "case_id": case, "asked_by": staff}
        self.rows.add("form_task", id=new, code=FORM, asked_at=FIXED_NOW, state="open", **who)
        return {"case_id": case, "task_id": new}

    def _sent(self, actor: uuid.UUID) -> dict[str, Any]:
        case = self.case()["case_id"]
        self.rows.run('update "case" set actor_id = %s where id = %s', actor, case)
        return self._sent_in(case, actor)

    def _sent_in(self, case: uuid.UUID, actor: uuid.UUID) -> dict[str, Any]:
        who = {"subject_id": self.of.subject, "actor_id": actor, "case_id": case}
        return self._filling(FORM, **who, **_SENT) | {"case_id": case}

    def _judged_form(self, access: str) -> dict[str, Any]:
        made = self.sent()
        if self.seat.persona.startswith("parent"):
            self.rows.run('update "case" set guardian_access = %s where id = %s', access, made["case_id"])
        return made

    def _filling(self, code: str, **known: Any) -> dict[str, Any]:
        """A filling with all that must be answered, and a file. In social welfare it is of one service task."""
        new, form = uuid.uuid4(), self.rows.one("select id, titles from questionnaire where code = %s", code)
        register = "social" if code == CONCERN else self.of.register
        values = {
            "state": "draft",
            "register": register,
            "service_task": TASK if register == "social" else None,
            "answers": answers_to(code, NOTICE if code == CONCERN else REASON),
            **known,
        }
        self.rows.add(
            "form_response",
            id=new,
            questionnaire_id=form["id"],
            code=code,
            titles=form["titles"],
            language="fi",
            memo={},  # an empty one of any kind
            shown={},
            page="",
            alarmed=False,
            started_at=FIXED_NOW,
            changed_at=FIXED_NOW,
            revision=1,
            **values,
        )
        return {"response_id": new, "page_id": "1", "attachment_id": self._file(new)}

    def _file(self, response: uuid.UUID) -> uuid.UUID:
        new, content = uuid.uuid4(), b"%PDF-1.4"
        what = {"title": "liite.pdf", "content_type": "application/pdf", "size": len(content), "digest": b""}
        times = {"created_at": FIXED_NOW, "scanned_at": FIXED_NOW}
        self.rows.add("attachment", id=new, response_id=response, **what, **times)
        sealed = self.cast.app.state.attachment_keys.seal(new, 0, 1, content)
        self.rows.add("attachment_chunk", attachment_id=new, number=0, sealed=sealed)
        return new


_SENT: dict[str, Any] = {"state": "sent", "sent_at": FIXED_NOW, "response": {"resourceType": "QuestionnaireResponse"}}
