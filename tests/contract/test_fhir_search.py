"""Search of the generic FHIR server: each kind of parameter, as FHIR R4 says."""

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from app.simulators.fhir_server import Refused, ResourceDescription, SearchParameter, ServerDescription
from app.simulators.fhir_server.matching import matches, read_date
from app.simulators.fhir_server.records import Records
from app.simulators.fhir_server.search import find
from app.simulators.store import Store

SERVER = ServerDescription(
    "Search",
    "search",
    (
        ResourceDescription(
            "CarePlan",
            parameters=(
                SearchParameter("identifier", "token", ("identifier",)),
                SearchParameter("category", "token", ("category",)),
                SearchParameter("subject", "reference", ("subject",)),
                SearchParameter("date", "date", ("period",)),
                SearchParameter("title", "string", ("title",)),
            ),
        ),
        ResourceDescription("Patient", parameters=(SearchParameter("name", "string", ("name",)),)),
    ),
)
PLANS = (
    {
        "id": "a",
        "identifier": [{"system": "urn:one", "value": "1"}],
        "category": [{"coding": [{"system": "urn:kind", "code": "x,y"}]}],
        "subject": {"reference": "Patient/p"},
        "period": {"start": "2026-01-01", "end": "2026-01-31"},
        "title": "Äidin suunnitelma",
    },
    {
        "id": "b",
        "identifier": [{"value": "1"}],
        "subject": {"type": "Patient", "identifier": {"system": "urn:id", "value": "7"}},
        "period": {"start": "2026-02-01T10:00:00+02:00"},
        "title": "Oma suunnitelma",
    },
)
CASES = [
    ({"identifier": "1"}, "ab"),
    ({"identifier": "urn:one|1"}, "a"),
    ({"identifier": "|1"}, "b"),
    ({"identifier": "urn:one|"}, "a"),
    ({"identifier": "2,urn:one|1"}, "a"),
    ({"identifier:not": "urn:one|1"}, "b"),
    ({"category": r"x\,y"}, "a"),
    ({"category": "x,y"}, ""),
    ({"subject": "Patient/p"}, "a"),
    ({"subject": "p"}, "a"),
    ({"subject:Patient": "p"}, "a"),
    ({"subject": "http://elsewhere/Patient/p"}, "a"),
    ({"subject:identifier": "urn:id|7"}, "b"),
    ({"subject.name": "virt"}, "a"),
    ({"subject:Patient.name": "nobody"}, ""),
    ({"title": "äidin"}, "a"),
    ({"title:contains": "SUUNNITELMA"}, "ab"),
    ({"title:exact": "oma suunnitelma"}, ""),
    ({"date": "2026-01"}, "a"),
    ({"date": "ge2026-02"}, "b"),
    ({"date": "lt2026-02"}, "a"),
    ({"date": "gt2026-01-31"}, "b"),
    ({"date": "le2026-02-01T08:00:00Z"}, "ab"),
    ({"date": "lt2026-02-01T08:00:00Z"}, "a"),
    ({"_id": "b"}, "b"),
    ({"_sort": "-title"}, "ab"),
    ({"_sort": "title"}, "ba"),
]


@pytest.fixture(scope="module")
def records(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Records]:
    store = Store(tmp_path_factory.mktemp("search") / "own.sqlite")
    kept = Records(store, SERVER)
    with kept.unit() as unit:
        unit.put({"resourceType": "Patient", "id": "p", "name": [{"family": "Virtanen"}]})
        for plan in PLANS:
            unit.put({"resourceType": "CarePlan", **plan})
    yield kept
    store.close()


@pytest.mark.parametrize(("query", "expected"), CASES)
def test_what_is_found(records: Records, query: dict[str, str], expected: str) -> None:
    """Each kind of parameter, with its modifiers, alternatives and chains, finds what it should."""
    with records.unit() as unit:
        assert "".join(one["id"] for one in find(unit, SERVER, "CarePlan", list(query.items()))) == expected


@pytest.mark.parametrize("name", ["colour", "title:below", "identifier:exact", "title.name", "_sort"])
def test_what_is_not_understood(records: Records, name: str) -> None:
    """An unknown parameter, modifier, chain or order is refused, not taken for something else."""
    with records.unit() as unit, pytest.raises(Refused) as refused:
        find(unit, SERVER, "CarePlan", [(name, "x")])
    assert refused.value.refusal.status == 400


@settings(deadline=None)
@given(st.text(max_size=30) | st.from_regex(r"(ge|lt)?\d{4}-\d\d-\d\d(T\d\d:\d\d:\d\d[+-]\d\d:\d\d)?", fullmatch=True))
def test_any_text_is_a_date_or_refused(text: str) -> None:
    """Whatever stands for a date is read as a stretch of time, or refused with 400."""
    begins = ends = datetime.now(UTC)
    status = 0
    try:
        begins, ends = read_date(text)[1]
    except Refused as refused:
        status = refused.refusal.status
    assert begins < ends or status == 400


@given(st.datetimes(datetime(2000, 1, 1), datetime(2100, 1, 1)), st.integers(-200, 200))  # noqa: DTZ001 - made aware below
def test_bounds_divide_time(moment: datetime, seconds: int) -> None:
    """For two moments exactly one of `ge` and `lt` holds, and `eq` only for the same second."""
    value = moment.replace(microsecond=0, tzinfo=UTC)
    bound = (value + timedelta(seconds=seconds)).isoformat()
    assert matches("date", value.isoformat(), f"ge{bound}", "") != matches("date", value.isoformat(), f"lt{bound}", "")
    assert matches("date", value.isoformat(), bound, "") == (seconds == 0)
