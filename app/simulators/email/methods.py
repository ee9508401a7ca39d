"""The calls of a request, one after another: JMAP's methods as far as sending needs them."""

from collections.abc import Callable, Mapping
from typing import Any

from app.simulators.email.mailroom import DRAFTS, Mailroom, MethodError, SetError
from app.simulators.settings import EmailAccount

CORE, MAIL, SUBMISSION = (f"urn:ietf:params:jmap:{name}" for name in ("core", "mail", "submission"))
STATE = "0"  # nothing here is synchronised by clients
Answer = tuple[str, Mapping[str, Any]]
Arguments = Mapping[str, Any]


class Methods:
    """Carries out the calls of one request; `created` maps the client's own names to ids."""

    def __init__(self, account: EmailAccount, mailroom: Mailroom, using: set[str]) -> None:
        self._account = account
        self._mailroom = mailroom
        self._using = using
        self._created: dict[str, str] = {}
        self._known: Mapping[str, tuple[str, Callable[[Arguments], list[Answer]]]] = {
            "Identity/get": (SUBMISSION, self._identities),
            "Mailbox/get": (MAIL, self._mailboxes),
            "Email/set": (MAIL, self._set_emails),
            "EmailSubmission/set": (SUBMISSION, self._submit),
        }

    def carry_out(self, name: str, arguments: Arguments) -> list[Answer]:
        """The answers to one call: usually one, an error where it failed."""
        if name == "Core/echo" and CORE in self._using:
            return [(name, arguments)]
        capability, method = self._known.get(name, ("", None))
        if method is None or capability not in self._using:
            return [("error", {"type": "unknownMethod"})]
        try:
            _check(arguments, self._account)
            return method(arguments)
        except MethodError as error:
            return [("error", {"type": error.kind})]

    def _identities(self, arguments: Arguments) -> list[Answer]:
        account = self._account
        one = {"id": account.identity_id, "name": account.name, "email": account.sender, "mayDelete": False}
        return [("Identity/get", self._list(arguments, [one]))]

    def _mailboxes(self, arguments: Arguments) -> list[Answer]:
        one = {"id": DRAFTS, "name": "Drafts", "parentId": None, "role": "drafts", "sortOrder": 1}
        counts = dict.fromkeys(("totalEmails", "unreadEmails", "totalThreads", "unreadThreads"), 0)
        return [("Mailbox/get", self._list(arguments, [{**one, **counts, "isSubscribed": True}]))]

    def _list(self, arguments: Arguments, found: list[dict[str, Any]]) -> dict[str, Any]:
        ids = arguments.get("ids")
        missing = [one for one in ids or [] if one not in {item["id"] for item in found}]
        wanted = [item for item in found if ids is None or item["id"] in ids]
        return {"accountId": self._account.account_id, "state": STATE, "list": wanted, "notFound": missing}

    def _set_emails(self, arguments: Arguments) -> list[Answer]:
        made, refused = self._make(arguments, self._mailroom.make)
        destroyed, kept = self._destroy(arguments.get("destroy") or [])
        return [("Email/set", self._done(made, refused, destroyed, kept))]

    def _submit(self, arguments: Arguments) -> list[Answer]:
        of = {own: given.get("emailId") for own, given in (arguments.get("create") or {}).items()}
        made, refused = self._make(arguments, lambda given: self._mailroom.send(given, self._resolved))
        answers: list[Answer] = [("EmailSubmission/set", self._done(made, refused, [], {}))]
        sent = [of[name[1:]] for name in arguments.get("onSuccessDestroyEmail") or [] if name[1:] in made]
        if sent:
            answers.append(("Email/set", self._done({}, {}, *self._destroy(sent))))
        return answers

    def _make(
        self, arguments: Arguments, make: Callable[[object], dict[str, Any]]
    ) -> tuple[dict[str, Any], dict[str, Any]]:
        made, refused = {}, {}
        for own_name, given in (arguments.get("create") or {}).items():
            try:
                made[own_name] = make(given)
                self._created[own_name] = made[own_name]["id"]
            except SetError as error:
                refused[own_name] = error.body
        return made, refused

    def _destroy(self, ids: list[str]) -> tuple[list[str], dict[str, Any]]:
        destroyed, kept = [], {}
        for one in map(self._resolved, ids):
            try:
                self._mailroom.destroy(one)
                destroyed.append(one)
            except SetError as error:
                kept[one] = error.body
        return destroyed, kept

    def _resolved(self, name: str) -> str:
        return self._created.get(name[1:], "") if name.startswith("#") else name

    def _done(
        self, made: dict[str, Any], refused: dict[str, Any], destroyed: list[str], kept: dict[str, Any]
    ) -> dict[str, Any]:
        return {
            "accountId": self._account.account_id,
            "oldState": STATE,
            "newState": STATE,
            "created": made or None,
            "notCreated": refused or None,
            "updated": None,
            "notUpdated": None,
            "destroyed": destroyed or None,
            "notDestroyed": kept or None,
        }


def _check(arguments: Arguments, account: EmailAccount) -> None:
    if any(name.startswith("#") for name in arguments):
        raise MethodError("invalidResultReference")  # results of other calls are not looked into here
    if arguments.get("accountId") != account.account_id:
        raise MethodError("accountNotFound")
    shapes = {"create": dict, "destroy": list, "onSuccessDestroyEmail": list, "ids": list}
    if any(not isinstance(arguments.get(name), (kind, type(None))) for name, kind in shapes.items()):
        raise MethodError("invalidArguments")
    names = [one for name in ("destroy", "onSuccessDestroyEmail", "ids") for one in arguments.get(name) or []]
    objects = (arguments.get("create") or {}).values()
    if not all(isinstance(one, str) for one in names) or not all(isinstance(one, dict) for one in objects):
        raise MethodError("invalidArguments")
    if arguments.get("update"):
        raise MethodError("invalidArguments")  # nothing is changed here
