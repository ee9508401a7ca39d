"""What surrounds every simulated system: recording, inspection, reset, scenarios, and how faults meet the work."""

import json
from collections.abc import AsyncIterator
from datetime import date
from typing import Any

import httpx
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from app.simulators.living_world import living_world
from app.simulators.scenario import examples
from app.simulators.store import Store
from tests.contract.simulator_server import SimulatorServer

JSON = {"Accept": "application/json"}
BROWSER = {"Accept": "text/html,application/xhtml+xml,*/*;q=0.8"}
MESSAGES = "suomifi-messages"
SEND = "/suomifi/messages/v2/messages/electronic"


def message(external_id: str) -> dict[str, Any]:
    return {
        "externalId": external_id,
        "recipient": {"id": "120488-902S"},
        "sender": {"serviceId": "ASIOINTI"},
        "electronic": {
            "title": "Otsikko",
            "body": "Ääkköset",
            "bodyFormat": "Text",
            "messageServiceType": "Normal",
            "replyAllowedBy": "No one",
            "visibility": "Normal",
        },
    }


class Operator:
    """Somebody who drives the simulators over HTTP: sends messages, sets faults, looks at what has arrived."""

    def __init__(self, server: SimulatorServer) -> None:
        self.http = httpx.Client(base_url=server.url, timeout=10)
        config = server.messages_config()
        self._credentials = {"username": config.username, "password": config.password}
        self.token = ""

    def sign_in(self) -> httpx.Response:
        answer = self.http.post("/suomifi/messages/v1/token", json=self._credentials)
        self.token = answer.json().get("access_token", "")
        return answer

    def send(self, external_id: str, *, correlation: str = "none") -> httpx.Response | None:
        """The answer, or None where it did not come whole."""
        headers = {"Authorization": f"Bearer {self.token}", "X-Correlation-Id": correlation}
        try:
            return self.http.post(SEND, json=message(external_id), headers=headers)
        except httpx.TransportError:
            return None

    def fault(self, mode: str, system: str = MESSAGES, **more: Any) -> dict[str, Any]:
        answer = self.http.put(f"/_faults/{system}", json={"mode": mode, **more})
        assert answer.status_code == 200, answer.text
        return dict(answer.json())

    def traffic(self, system: str = f"/{MESSAGES}", **query: Any) -> list[dict[str, Any]]:
        return list(self.http.get(f"/_traffic{system}", params=query, headers=JSON).json()["exchanges"])

    def kept(self, external_id: str) -> int:
        return self.http.get("/suomifi/messages/").text.count(external_id)


@pytest.fixture
async def operator(simulators: SimulatorServer) -> AsyncIterator[Operator]:
    """Starts with empty systems and a token for Messages."""
    one = Operator(simulators)
    one.http.post("/_reset").raise_for_status()
    one.sign_in()
    yield one
    one.http.close()


FAULTS = st.fixed_dictionaries(
    {
        "mode": st.sampled_from(
            ["none", "slow", "error", "refuse", "drop", "drip", "truncated", "malformed", "expired"]
        ),
        "seconds": st.just(0.02),
        "fraction": st.sampled_from([0.0, 0.4, 1.0]),
        "seed": st.integers(0, 999),
    },
    optional={"carried_out": st.booleans()},
).filter(lambda fault: not (fault.get("carried_out") and fault["mode"] in {"none", "refuse"}))


@settings(max_examples=40, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(faults=st.lists(FAULTS, min_size=1, max_size=3))
def test_what_is_recorded_as_carried_out_is_what_is_kept(operator: Operator, faults: list[dict[str, Any]]) -> None:
    """Whatever the faults, the requests recorded as carried out are exactly those whose effect is in the store."""
    operator.http.post(f"/_reset/{MESSAGES}")
    operator.sign_in()
    sent = []
    for number, fault in enumerate(faults):
        operator.fault(**fault)
        for attempt in range(2):
            sent.append(f"prop-{number}-{attempt}.")
            operator.send(sent[-1], correlation=sent[-1])
    operator.fault("none")
    recorded = {e["correlation_id"]: e["carried_out"] for e in operator.traffic(text="electronic", limit=100)}
    assert set(recorded) == set(sent)
    assert {name for name in sent if recorded[name]} == {name for name in sent if operator.kept(name)}


@pytest.mark.parametrize("mode", ["error", "drop", "slow"])
@pytest.mark.parametrize("carried_out", [True, False])
async def test_a_failure_before_or_after_the_work(operator: Operator, mode: str, carried_out: bool) -> None:
    """The same failure can strike before the work is done, or, the hard case, after it."""
    operator.fault(mode, seconds=0.05, carried_out=carried_out)
    answer = operator.send("before-after", correlation="before-after")
    assert operator.kept("before-after") == (1 if carried_out or mode == "slow" else 0)
    assert {"error": answer and answer.status_code == 500, "drop": answer is None, "slow": bool(answer)}[mode]


async def test_a_dripping_answer_is_whole_and_late(operator: Operator) -> None:
    """The bytes come spread over the time that was asked for, and all of them come."""
    operator.fault("drip", seconds=0.4)
    answer = operator.send("drip")
    assert answer is not None
    assert answer.json()["messageId"] > 0
    assert operator.traffic()[0]["ms"] >= 380


async def test_a_truncated_answer_promises_more(operator: Operator) -> None:
    """Half of the body comes although the whole was promised; the work has been done."""
    operator.fault("truncated")
    with pytest.raises(httpx.RemoteProtocolError):
        operator.http.get("/suomifi/messages/v2/events", headers={"Authorization": operator.token})
    last = operator.traffic()[0]
    assert (last["complete"], last["carried_out"], last["status"]) == (False, True, 200)
    assert 0 < last["answer"]["size"] < int(last["answer"]["headers"]["content-length"])


async def test_a_malformed_answer_is_json_of_a_wrong_shape(operator: Operator) -> None:
    """Names stay and values change their kind, so that only a client that validates notices."""
    operator.fault("malformed")
    answer = operator.send("wrong-shape")
    assert answer is not None
    assert (answer.status_code, answer.headers["content-type"]) == (200, "application/json")
    assert [type(value) for value in answer.json()["messageId"]] == [int]
    refused = operator.http.get("/suomifi/messages/v2/events")
    assert (refused.status_code, refused.json()) == (200, {"unexpected": True})


async def test_tokens_expire(operator: Operator) -> None:
    """Living tokens are gone at once, and each new one lives only for the seconds that were asked for."""
    operator.fault("expired", seconds=0)
    for _ in range(2):
        answer = operator.send("expired")
        assert answer is not None
        assert answer.status_code == 401
        assert operator.sign_in().status_code == 200
    operator.fault("none")
    operator.sign_in()
    assert operator.send("expired") is not None
    assert operator.kept("expired") == 1


async def test_a_fraction_strikes_the_same_requests_again(operator: Operator) -> None:
    """A share of the requests suffers, and the same seed repeats the series."""

    def series() -> list[int]:
        operator.fault("error", fraction=0.3, seed=11)
        return [operator.http.get("/suomifi/messages/v2/events").status_code for _ in range(30)]

    first = series()
    assert first == series()
    assert 3 <= first.count(500) <= 15


async def test_an_exchange_is_recorded_without_its_secrets(operator: Operator) -> None:
    """Method, path, bodies, status and correlation id are there; tokens and passwords only begin."""
    operator.send("seen-1", correlation="corr-1")
    (seen,) = operator.traffic(correlation="corr-1")
    assert (seen["method"], seen["path"], seen["status"], seen["fault"]) == ("POST", SEND, 200, None)
    assert json.loads(seen["request"]["body"])["electronic"]["body"] == "Ääkköset"
    assert "messageId" in seen["answer"]["body"]
    assert seen["request"]["headers"]["authorization"] == f"Bearer {operator.token[:4]}…"
    whole = operator.http.get(f"/_traffic/{MESSAGES}", headers=JSON).text
    assert operator.token not in whole
    assert operator._credentials["password"] not in whole
    one = operator.http.get(f"/_traffic/{MESSAGES}/{seen['id']}", headers=JSON).json()
    assert one == seen


async def test_a_mandate_is_withdrawn_in_the_middle(operator: Operator, simulators: SimulatorServer) -> None:
    """The example takes the daughter's mandate from the shared world; emptying Suomi.fi mandates gives it back."""
    store = Store(simulators.database)
    world, day = living_world(store), date(2026, 11, 22)
    try:
        assert world.may_act("marja", "aili", day)
        button = {"example": (None, "mandate-withdrawn")}
        operator.http.post("/_scenario", files=button, headers=BROWSER)
        assert not world.may_act("marja", "aili", day)
        operator.http.post("/_reset/suomifi-mandates").raise_for_status()
        assert world.may_act("marja", "aili", day)
    finally:
        store.close()


async def test_traffic_is_found(operator: Operator) -> None:
    """Newest first, page by page, by words, of one system or of all; what is not there is a 404."""
    for number in range(5):
        operator.send(f"page-{number}", correlation="pages")
    operator.http.get("/omaolo/nowhere", headers={"X-Correlation-Id": "pages"})
    assert [e["system"] for e in operator.traffic("", correlation="pages")] == ["omaolo", *[MESSAGES] * 5]
    assert [e["correlation_id"] for e in operator.traffic(text="PAGE-3")] == ["pages"]
    answer = operator.http.get(f"/_traffic/{MESSAGES}", params={"limit": 2, "text": "page-"}, headers=JSON).json()
    pages = [answer["exchanges"]]
    while answer["older"]:
        answer = operator.http.get(answer["older"], headers=JSON).json()
        pages.append(answer["exchanges"])
    assert [len(page) for page in pages] == [2, 2, 1]
    identifiers = [exchange["id"] for page in pages for exchange in page]
    assert identifiers == sorted(identifiers, reverse=True)
    for path in ("/_traffic/nothing", f"/_traffic/{MESSAGES}/1x", f"/_traffic/{MESSAGES}/999999999"):
        assert operator.http.get(path, headers=JSON).status_code == 404
        assert operator.http.get(path, headers=BROWSER).status_code == 404
    assert operator.http.get("/_traffic?limit=0").status_code == 400


async def test_large_and_binary_bodies_pass_untouched(operator: Operator) -> None:
    """A body beyond what is kept reaches the system whole, and one that is no text is told by its size."""
    content = bytes(range(256)) * 1000
    sent = {"Authorization": operator.token}
    answer = operator.http.post("/suomifi/messages/v2/attachments", files={"file": ("a.bin", content)}, headers=sent)
    kept = operator.http.get(f"/suomifi/messages/v1/attachments/{answer.json()['attachmentId']}", headers=sent)
    assert kept.content == content
    got, put = operator.traffic(text="attachments")
    assert (got["answer"]["body"], got["answer"]["size"]) == (None, len(content))
    assert put["request"]["body"] is None
    assert put["request"]["size"] > len(content)


async def test_reset_empties_one_system(operator: Operator, simulators: SimulatorServer) -> None:
    """Records, tokens, traffic and fault of the system go; other systems, and the providers' keys, stay."""
    keys = operator.http.get("/suomifi/identification/jwks").json()
    operator.fault("error", "omaolo")
    operator.send("reset-me")
    operator.fault("error")
    assert operator.http.post(f"/_reset/{MESSAGES}").json() == {"reset": [MESSAGES]}
    assert (operator.traffic(), operator.kept("reset-me")) == ([], 0)
    faults = operator.http.get("/_faults").json()
    assert (faults[MESSAGES]["mode"], faults["omaolo"]["mode"]) == ("none", "error")
    answer = operator.send("after-reset")
    assert answer is not None
    assert answer.status_code == 401
    assert operator.http.post("/_reset").json()["reset"] == list(faults)
    assert operator.http.get("/suomifi/identification/jwks").json() == keys
    assert operator.http.post("/_reset/nothing").status_code == 404
    led = operator.http.post("/_reset/omaolo?lang=en", headers=BROWSER)
    assert (led.status_code, led.headers["location"]) == (303, "/?lang=en&done=reset#omaolo")


async def test_a_scenario_is_played(operator: Operator) -> None:
    """Emptied first, then records, then faults; the page takes the same file."""
    operator.send("older")
    scenario = {
        "title": {"en": "Try"},
        "reset": [MESSAGES],
        "records": [{"kind": "messages/token", "key": "from-scenario", "body": True}],
        "faults": {"omaolo": {"mode": "slow", "seconds": 1}},
    }
    assert operator.http.put("/_scenario", json=scenario).json()["records"] == 1
    operator.token = "from-scenario"
    assert operator.send("newer") is not None
    assert (operator.kept("older"), operator.kept("newer")) == (0, 1)
    assert operator.http.get("/_faults").json()["omaolo"]["seconds"] == 1
    file = {"file": ("s.json", json.dumps({"reset": "all"}), "application/json")}
    assert operator.http.post("/_scenario?lang=fi", files=file, headers=BROWSER).status_code == 303
    assert operator.http.get("/_faults").json()["omaolo"]["mode"] == "none"


@pytest.mark.parametrize(
    ("scenario", "reason"),
    [
        ([], "object"),
        ({"resets": []}, "resets"),
        ({"reset": ["nothing"]}, "unknown system"),
        ({"faults": {"omaolo": {"mode": "odd"}}}, "faults.omaolo: mode"),
        ({"faults": {"omaolo": {"mode": "expired"}}}, "faults.omaolo: omaolo gives no tokens"),
        ({"records": [{"kind": "traffic/x", "key": "a", "body": 1}]}, "records[0]: the kind"),
        ({"records": [{"kind": "suomifi-identification/key", "key": "signing", "body": {}}]}, "is a key"),
        ({"records": [{"kind": "messages/token", "key": 1, "body": 1}]}, "records[0]: kind and key"),
        ({"records": [{"kind": "messages/token"}]}, "exactly"),
        ({"records": [{"kind": "messages/token", "key": "a", "body": 1}] * 501}, "500"),
    ],
)
async def test_a_faulty_scenario_changes_nothing(operator: Operator, scenario: Any, reason: str) -> None:
    """One fault in the file and nothing of it happens; the reason tells the place."""
    operator.send("stays")
    whole = {"reset": [MESSAGES], **scenario} if isinstance(scenario, dict) else scenario
    answer = operator.http.put("/_scenario", json=whole)
    assert answer.status_code == 400
    assert reason in answer.json()["reason"]
    assert operator.kept("stays") == 1
    file = {"file": ("s.json", json.dumps(whole), "application/json")}
    shown = operator.http.post("/_scenario?lang=sv", files=file, headers=BROWSER)
    assert (shown.status_code, 'role="alert"' in shown.text) == (400, True)
    assert operator.kept("stays") == 1


async def test_the_examples_are_for_people_in_three_languages(operator: Operator) -> None:
    """Each example says what it does, and plays from its button wherever its systems are simulated."""
    assert len(examples()) >= 3
    simulated = set(operator.http.get("/_faults").json())
    for example in examples():
        assert example.title.complete
        assert example.about.complete
        assert set(example.raw.get("faults", {})) <= simulated
        button = {"example": (None, example.name)}
        answer = operator.http.post("/_scenario?lang=fi", files=button, headers=BROWSER)
        assert answer.status_code == 303, answer.text


async def test_every_page_of_the_operator_shows(operator: Operator) -> None:
    """The index and the inspection pages say in each language that the people are invented, and lead on."""
    operator.send("shown", correlation="shown")
    number = operator.traffic()[0]["id"]
    for language in ("fi", "sv", "en"):
        for path in ("/", "/_traffic", f"/_traffic/{MESSAGES}", f"/_traffic/{MESSAGES}/{number}"):
            answer = operator.http.get(path, params={"lang": language}, headers=BROWSER)
            assert answer.status_code == 200
            assert f'<html lang="{language}">' in answer.text
    index = operator.http.get("/").text
    for system in operator.http.get("/_faults").json():
        assert f'href="/_traffic/{system}?lang=fi"' in index
