"""What is sent to each route of the authorisation matrix: the thing that it names, and the fields of its form."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

CONTACT = {"name": "Testi", "phone": "040 123 4567", "message": "Asiaa"}
STATEMENTS = ["principal_identified", "mandatee_identified", "own_will", "explained"]
PAPER = {
    "competence": "met_here",
    "statements": STATEMENTS,
    "document_type": "county_form",
    "document_place": "Kansio 1",
    "signed_on": "24.11.2026",
    "valid_from": "24.11.2026",
    "valid_to": "1.6.2027",
}
NAMES = {"given_name": "Uusi", "family_name": "Tulija", "language": "fi"}


@dataclass(frozen=True)
class Recipe:
    """`make`: the method of Things for the thing. Its parts fill the address, and the fields that `sends` names; `form`
    has the others. `able`: the staff role whose task it is. `mark`: the part that a page shows where it shows the
    thing. `minor`: the thing is a minor's where nobody acts for anybody. `writes`: done means that rows change."""

    make: str = ""
    form: Mapping[str, Any] = field(default_factory=dict)
    sends: tuple[str, ...] = ()
    path: Mapping[str, str] = field(default_factory=dict)
    query: tuple[str, ...] = ()
    able: str = ""
    register: str = "patient"
    mark: str = ""
    minor: bool = False
    writes: bool = True


def _social(**more: Any) -> Recipe:
    return Recipe(register="social", **more)


_ASSESSMENT = {"assessment": "urinary"}
_CODE = {"code": "urinary-symptoms"}
_FORM = {"code": "pre-visit"}
_NOTICE_PAGE = {"page_id": "17"}
_NOTICE_ANSWERS = {"f18": "Uusikatu 2", "f19": "Mikkeli"}
_PLAIN = (
    *("ready", "healthz", "live", "metrics", "jwks", "root", "home", "home_without_slash", "search"),
    *("assess_list", "book_services", "services", "contact", "sign_in", "signed_out", "step_up", "sign_in_callback"),
    *("staff_sign_in", "staff_sign_in_callback", "health_record_callback", "acting_callback", "accessibility"),
    *("privacy", "forms", "acting_for_another", "acting", "acting_leave", "acting_stop", "sign_in_start", "sign_out"),
    *("staff_sign_in_start", "staff_sign_out", "kept_for_another", "my_sessions", "consents", "health_record_give"),
    *(
        "contact_return",
        "own_needs",
        "own_log",
        "own_data",
        "own_data_file",
        "own_correction_new",
        "own_choices",
        "own_permits",
        "own_contact",
    ),
)

RECIPES: dict[tuple[str, str], Recipe] = {(route, ""): Recipe() for route in _PLAIN} | {
    ("csp_report", ""): Recipe(writes=False),
    ("backchannel_logout", ""): Recipe(form={"logout_token": "a.b.c"}),
    ("staff_backchannel_logout", ""): Recipe(form={"logout_token": "a.b.c"}),
    ("sms_reports", ""): Recipe(form={"status": "delivered"}),
    ("assess_intro", ""): Recipe(path=_ASSESSMENT),
    ("assess_start", ""): Recipe(path=_ASSESSMENT),
    ("assess_try", ""): Recipe(path=_ASSESSMENT),
    ("assess_run", ""): Recipe("run"),
    ("assess_page", ""): Recipe("run"),
    ("assess_answer", ""): Recipe("run", {"who": "me"}),
    ("assess_result", ""): Recipe("finished"),
    ("assess_result", "open verdict"): Recipe("open_case", minor=True),
    ("assess_result", "closed verdict"): Recipe("closed_case", minor=True),
    ("book_times", ""): Recipe(path={"service": "dental-check"}),
    ("book_times", "assessment"): Recipe("assessed", path={"service": "nurse-visit"}, query=("assessment",)),
    ("book_hold", "patient"): Recipe("slot", sends=("slot",)),
    ("book_hold", "social"): _social(make="slot", sends=("slot",)),
    ("book_hold", "assessment"): Recipe("assessed", sends=("slot", "assessment")),
    ("book_details", ""): Recipe("held"),
    ("book_fill_in", ""): Recipe("held", {"note": "Uusi", "phone": "040 765 4321"}),
    ("book_check", ""): Recipe("held"),
    ("book_confirm", "patient"): Recipe("held"),
    ("book_confirm", "social"): _social(make="held"),
    ("book_extend", ""): Recipe("held"),
    ("book_release", ""): Recipe("held"),
    ("service", ""): Recipe("service"),
    ("contact_send", "patient"): Recipe(form={**CONTACT, "topic": "health"}),
    ("contact_send", "social"): _social(form={**CONTACT, "topic": "social"}),
    ("contact_send", "assessment"): Recipe("assessed", CONTACT, sends=("assessment",)),
    ("contact_sent", ""): Recipe("case"),
    ("contact_sent", "open verdict"): Recipe("open_case", minor=True),
    ("contact_sent", "closed verdict"): Recipe("closed_case", minor=True),
    ("contact_returned", "code"): Recipe("returned", sends=("code",), writes=False),
    ("contact_returned", "claimed"): Recipe("claimed", sends=("code",), writes=False),
    ("contact_returned", "unknown"): Recipe(form={"code": "ACDE" * 5}, writes=False),
    ("guide", ""): Recipe(path=_CODE),
    ("form_intro", ""): Recipe(path=_FORM),
    ("form_intro", "asked"): Recipe("asked", query=("task",)),
    ("form_start", "patient"): Recipe(path=_FORM),
    ("form_start", "social"): _social(path={"code": "application-informal-care"}),
    ("form_start", "asked"): Recipe("asked", sends=("task",)),
    ("form_start", "concern"): _social(path={"code": "concern-older"}),
    ("form_resume", "own"): Recipe("own_draft"),
    ("form_resume", "another's"): Recipe("draft"),
    ("form_resume", "notice here"): Recipe("notice_here"),
    ("form_resume", "notice elsewhere"): Recipe("notice_elsewhere"),
    ("form_page", "own"): Recipe("own_draft"),
    ("form_page", "another's"): Recipe("draft"),
    ("form_page", "notice here"): Recipe("notice_here"),
    ("form_page", "notice elsewhere"): Recipe("notice_elsewhere"),
    ("form_answer", "own"): Recipe("own_draft", {"f3": "Nilkka"}),
    ("form_answer", "another's"): Recipe("draft", {"f3": "Nilkka"}),
    ("form_answer", "notice here"): Recipe("notice_here", _NOTICE_ANSWERS, path=_NOTICE_PAGE),
    ("form_answer", "notice elsewhere"): Recipe("notice_elsewhere", _NOTICE_ANSWERS, path=_NOTICE_PAGE),
    ("form_check", "own"): Recipe("own_draft"),
    ("form_check", "another's"): Recipe("draft"),
    ("form_send", "own"): Recipe("own_draft"),
    ("form_send", "another's"): Recipe("draft"),
    ("form_send", "notice here"): Recipe("notice_here"),
    ("form_send", "notice elsewhere"): Recipe("notice_elsewhere"),
    ("form_sent", "patient"): Recipe("sent"),
    ("form_sent", "social"): _social(make="sent"),
    ("form_sent", "own"): Recipe("own_sent"),
    ("form_sent", "notice"): _social(make="notice"),
    ("form_received", ""): Recipe("receipt", query=("receipt",)),
    ("form_received", "made up"): Recipe(path={"receipt": "x"}, query=("receipt",)),
    ("my_forms", "patient"): Recipe("sent", mark="response_id"),
    ("my_forms", "social"): _social(make="sent", mark="response_id"),
    ("my_forms", "own"): Recipe("own_sent", mark="response_id"),
    ("my_forms", "open verdict"): Recipe("open_form", minor=True, mark="response_id"),
    ("my_forms", "closed verdict"): Recipe("closed_form", minor=True, mark="response_id"),
    ("my_forms", "draft"): Recipe("own_draft", mark="response_id"),
    ("my_forms", "another's draft"): Recipe("draft", mark="response_id"),
    ("my_forms", "asked"): Recipe("asked", mark="task"),
    ("my_forms", "notice here"): Recipe("notice_here", mark="response_id"),
    ("my_forms", "notice"): _social(make="notice", mark="response_id"),
    ("my_form", "patient"): Recipe("sent"),
    ("my_form", "social"): _social(make="sent"),
    ("my_form", "own"): Recipe("own_sent"),
    ("my_form", "open verdict"): Recipe("open_form", minor=True),
    ("my_form", "closed verdict"): Recipe("closed_form", minor=True),
    ("my_form", "notice"): _social(make="notice"),
    ("my_form_print", "patient"): Recipe("sent"),
    ("my_form_pdf", "patient"): Recipe("sent"),
    ("my_form_amend", "patient"): Recipe("sent"),
    ("my_form_amend", "own"): Recipe("own_sent"),
    ("my_form_amend", "closed verdict"): Recipe("closed_form", minor=True),
    ("my_form_delete", "own"): Recipe("own_draft"),
    ("my_form_delete", "another's"): Recipe("draft"),
    ("my_form_delete", "sent"): Recipe("sent"),
    ("my_form_deleted", "own"): Recipe("own_draft"),
    ("my_form_deleted", "another's"): Recipe("draft"),
    ("my_form_deleted", "sent"): Recipe("sent"),
    ("form_file", "own"): Recipe("own_draft"),
    ("form_file", "another's"): Recipe("draft"),
    ("form_file", "patient"): Recipe("sent"),
    ("form_file", "social"): _social(make="sent"),
    ("form_file", "open verdict"): Recipe("open_form", minor=True),
    ("form_file", "closed verdict"): Recipe("closed_form", minor=True),
    ("form_file", "notice here"): Recipe("notice_here"),
    ("form_file", "notice"): _social(make="notice"),
    ("acting_here", ""): Recipe("paper", sends=("source",)),
    ("appointment", "patient"): Recipe("booked"),
    ("appointment", "social"): _social(make="booked"),
    ("appointment", "open verdict"): Recipe("open_case", minor=True),
    ("appointment", "closed verdict"): Recipe("closed_case", minor=True),
    ("appointment_calendar", ""): Recipe("booked"),
    ("appointment_cancel", ""): Recipe("booked"),
    ("appointment_do_cancel", "patient"): Recipe("booked"),
    ("appointment_do_cancel", "social"): _social(make="booked"),
    ("appointment_do_cancel", "open verdict"): Recipe("open_case", minor=True),
    ("appointment_do_cancel", "closed verdict"): Recipe("closed_case", minor=True),
    ("my_window", "patient"): Recipe("booked", mark="appointment_id"),
    ("my_window", "open verdict"): Recipe("open_case", minor=True, mark="appointment_id"),
    ("my_window", "closed verdict"): Recipe("closed_case", minor=True, mark="appointment_id"),
    ("my_window", "social"): _social(make="booked", mark="appointment_id"),
    ("session_extend", ""): Recipe(writes=False),
    ("session_set_aside", ""): Recipe(form={"message": "Kesken", "set_aside_path": "/en/contact"}),
    ("kept", ""): Recipe("typed"),
    ("kept_drop", ""): Recipe("typed"),
    ("older_answers", ""): Recipe("older", query=("of",)),
    ("older_answers_decide", ""): Recipe("older", sends=("of", "answer")),
    ("my_sessions_end_others", ""): Recipe("browser"),
    ("my_session_end", ""): Recipe("browser"),
    ("health_record_withdraw", ""): Recipe("consent"),
    ("health_record_save", ""): Recipe("to_save"),
    ("own_corrections", ""): Recipe("correction", mark="request_id"),
    ("own_correction", ""): Recipe("correction"),
    ("own_correction_send", ""): Recipe(form={"register": "patient", "wrong": "Väärin", "right": "Oikein"}),
    ("own_choices_save", ""): Recipe(form={"name": "", "language": "fi", "sms": "no", "reminders": "no"}),
    ("own_needs_save", ""): Recipe("needs", {"interpreter": "fse", "accessibility": "Hidas"}),
    ("own_needs_forget", ""): Recipe("needs"),
    ("own_permit_give", ""): Recipe("no_permit", sends=("scope",)),
    ("own_permit_end", ""): Recipe("permit"),
    ("own_contact_phone", ""): Recipe("no_phone", sends=("phone",)),
    ("own_contact_email", ""): Recipe("no_phone", sends=("email",)),
    ("own_contact_email_again", ""): Recipe("email"),
    ("own_contact_email_code", ""): Recipe("email", sends=("email_code",)),
    ("own_contact_again", ""): Recipe("phone"),
    ("own_contact_code", ""): Recipe("phone", sends=("code",)),
    ("own_contact_remove", ""): Recipe("phone"),
    ("staff_session_extend", ""): Recipe(writes=False),
    ("staff_queue", "patient"): Recipe("case", able="triage_nurse", mark="case_id"),
    ("staff_queue", "social"): _social(make="case", able="service_guide", mark="case_id"),
    ("staff_case", "patient"): Recipe("case", able="triage_nurse"),
    ("staff_case", "social"): _social(make="case", able="service_guide"),
    ("staff_case", "patient, with a reason"): Recipe("opened_case", able="triage_nurse"),
    ("staff_case", "social, with a reason"): _social(make="opened_case", able="service_guide"),
    ("staff_case_reason", "patient"): Recipe("case", {"reason": "urgent_help"}, able="triage_nurse"),
    ("staff_case_reason", "social"): _social(make="case", form={"reason": "urgent_help"}, able="service_guide"),
    ("staff_queue", "notice"): _social(make="notice", able="service_guide", mark="case_id"),
    ("staff_case", "notice"): _social(make="notice", able="service_guide"),
    ("staff_case_reason", "notice"): _social(make="notice", form={"reason": "urgent_help"}, able="service_guide"),
    ("staff_form_file", "patient"): Recipe("sent", able="triage_nurse"),
    ("staff_form_file", "social"): _social(make="sent", able="service_guide"),
    ("staff_form_file", "patient, with a reason"): Recipe("opened_form", able="triage_nurse"),
    ("staff_form_file", "notice"): _social(make="notice", able="service_guide"),
    ("staff_form_file", "draft"): Recipe("draft", able="triage_nurse"),
    ("staff_verdict", "patient"): Recipe("case", able="triage_nurse", minor=True),
    ("staff_verdict", "social"): _social(make="case", able="social_worker", minor=True),
    ("staff_verdict_give", "patient"): Recipe(
        "case", {"verdict": "2", "grounds": "Keskustelu"}, able="triage_nurse", minor=True
    ),
    ("staff_verdict_give", "social"): _social(
        make="case", form={"verdict": "2", "grounds": "Keskustelu"}, able="social_worker", minor=True
    ),
    ("staff_verdict_give", "patient, with a reason"): Recipe(
        "opened_case", {"verdict": "2", "grounds": "Keskustelu"}, able="triage_nurse", minor=True
    ),
    ("staff_corrections", "patient"): Recipe("correction", able="specialist", mark="request_id"),
    ("staff_corrections", "social"): _social(make="correction", able="social_worker", mark="request_id"),
    ("staff_correction", "patient"): Recipe("correction", able="specialist"),
    ("staff_correction", "social"): _social(make="correction", able="social_worker"),
    ("staff_correction_decide", "patient"): Recipe("correction", {"decision": "corrected"}, able="specialist"),
    ("staff_correction_decide", "social"): _social(
        make="correction", form={"decision": "corrected"}, able="social_worker"
    ),
    ("desk_forms", ""): Recipe("form_draft", able="content_owner", mark="version_id"),
    ("desk_form_new", ""): Recipe(able="content_owner"),
    ("desk_form_import", ""): Recipe("form_draft", {"language": "fi"}, sends=("json",), able="content_owner"),
    ("desk_form", ""): Recipe("form_draft", able="content_owner"),
    ("desk_form_copy", ""): Recipe("form_published", able="content_owner"),
    ("desk_form_settings", ""): Recipe("form_draft", able="content_owner"),
    ("desk_form_settings_save", ""): Recipe(
        "form_draft",
        {"kind": "other", "register": "patient", "unit": "mikkeli", "who": "anyone"},
        sends=("revision", "code"),
        able="content_owner",
    ),
    ("desk_form_preview", ""): Recipe("form_draft", able="content_owner"),
    ("desk_form_texts", ""): Recipe("form_draft", able="content_owner"),
    ("desk_form_texts_save", ""): Recipe(
        "form_draft",
        {"part": "1", "t1-fi": "Uusi", "t1-sv": "Ny", "t1-en": "New"},
        sends=("revision",),
        able="content_owner",
    ),
    ("desk_form_send", ""): Recipe("form_draft", sends=("revision",), able="content_owner"),
    ("desk_form_review", ""): Recipe(
        "form_in_review", {"verdict": "approve"}, sends=("revision",), able="content_owner"
    ),
    ("desk_form_publish", ""): Recipe("form_draft", able="content_owner"),
    ("desk_form_do_publish", ""): Recipe(
        "form_draft",
        {"day-day": "1", "day-month": "12", "day-year": "2026"},
        sends=("revision",),
        able="content_owner",
    ),
    ("desk_form_retire", ""): Recipe("form_published", able="content_owner"),
    ("desk_form_do_retire", ""): Recipe("form_published", sends=("revision",), able="content_owner"),
    ("special_access_report", ""): Recipe("opening", able="supervisor", mark="access_id"),
    ("special_access_review", ""): Recipe("opening", {"review": "Asiallinen"}, able="supervisor"),
    ("staff_audit", ""): Recipe("stranger", query=("person",), able="auditor"),
    ("staff_audit_search", ""): Recipe("stranger", sends=("code",), able="auditor", writes=False),
    ("systems", ""): Recipe(able="operator"),
    ("system", ""): Recipe("system", able="operator"),
    ("system_try", ""): Recipe("system", able="operator", writes=False),
    ("system_hold", ""): Recipe("system", {"why": "huolto"}, able="operator"),
    ("system_go", ""): Recipe("paused_system", able="operator"),
    ("delivery_again", ""): Recipe("delivery", able="operator"),
    ("delivery_settle", ""): Recipe("delivery", {"why": "Perillä"}, able="operator"),
    ("people", ""): Recipe(able="triage_nurse"),
    ("person_find", ""): Recipe("stranger", sends=("code",), able="triage_nurse"),
    ("person_register", ""): Recipe("unknown", NAMES, sends=("code",), able="triage_nurse"),
    ("person_temporary", ""): Recipe(able="triage_nurse"),
    ("person_temporary_register", ""): Recipe(form={**NAMES, "born": "5.3.1990"}, able="triage_nurse"),
    ("staff_person", "found"): Recipe("found", able="triage_nurse"),
    ("staff_person", "stranger"): Recipe("stranger", able="triage_nurse"),
    ("mandates", ""): Recipe("mandate", able="triage_nurse", mark="mandate_id"),
    ("mandate_new", ""): Recipe(able="triage_nurse"),
    ("mandate_record", ""): Recipe(
        "two_adults", {**PAPER, "registers": "patient"}, sends=("principal", "mandatee"), able="triage_nurse"
    ),
    ("mandate", ""): Recipe("mandate", able="triage_nurse"),
    ("mandate_check", "another's"): Recipe("mandate", {"compared": "yes"}, able="triage_nurse"),
    ("mandate_check", "own"): Recipe("own_mandate", {"compared": "yes"}, able="triage_nurse"),
    ("mandate_revoke", ""): Recipe("mandate", {"reason": "Peruttu"}, able="triage_nurse"),
    ("helper_new", "found"): Recipe("found", able="triage_nurse"),
    ("helper_new", "stranger"): Recipe("stranger", able="triage_nurse"),
    ("helper_record", "found"): Recipe(
        "found", {"role": "supporter", "name": "Tuki", "first": "24.11.2026", "last": "1.12.2026"}, able="triage_nurse"
    ),
    ("helper_record", "stranger"): Recipe(
        "stranger", {"role": "supporter", "name": "Tuki", "first": "24.11.2026"}, able="triage_nurse"
    ),
    ("helper_end", "found"): Recipe("found_helper", able="triage_nurse"),
    ("helper_end", "stranger"): Recipe("helper", able="triage_nurse"),
    ("same_person", ""): Recipe(able="supervisor"),
    ("same_person_find", ""): Recipe("stranger", sends=("one", "other"), able="supervisor"),
    ("compare_people", "found"): Recipe("found", able="supervisor"),
    ("compare_people", "stranger"): Recipe("stranger", able="supervisor"),
    ("merge_people", "found"): Recipe("found", {"reason": "Sama henkilö"}, sends=("keep",), able="supervisor"),
    ("merge_people", "stranger"): Recipe("stranger", {"reason": "Sama"}, sends=("keep",), able="supervisor"),
    ("person_code", "found"): Recipe("found", able="supervisor"),
    ("person_code", "stranger"): Recipe("stranger", able="supervisor"),
    ("person_code_change", "found"): Recipe("found", sends=("code",), able="supervisor"),
    ("person_code_change", "stranger"): Recipe("changed_stranger", sends=("code",), able="supervisor"),
    ("person_deceased", "found"): Recipe("found", able="supervisor"),
    ("person_deceased", "stranger"): Recipe("stranger", able="supervisor"),
    ("person_deceased_mark", "found"): Recipe("found", {"day": "20.11.2026"}, able="supervisor"),
    ("person_deceased_mark", "stranger"): Recipe("stranger", {"day": "20.11.2026"}, able="supervisor"),
}
