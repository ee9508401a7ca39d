"""A page of a form against its base, and how much longer ”next page” takes in a long form than in a short one."""

import json
import statistics
import time
from collections.abc import Sequence
from dataclasses import dataclass
from urllib.parse import urlencode, urlsplit

from starlette.types import ASGIApp

from app.domain.forms.answers import Address, Answers
from app.domain.forms.computing.memo import EMPTY
from app.domain.forms.layout import answerable, lay_out
from app.domain.forms.state import Known
from app.models import FormResponse
from app.services.clock import read_clock
from app.services.forms.drafts import keep
from app.services.forms.library import read_version
from app.settings import Settings
from benchmarks.calls import Call, call
from benchmarks.pages import measure_call
from benchmarks.row import Row
from tests.tools.filling.filler import Filler, likely
from tests.tools.filling.large import large_form
from tests.tools.filling.trial import Trials, opened_trials

SHORT, LONG = (20, 2), (808, 50)  # items, expressions among them
WARM, ROUNDS, EACH = 10, 15, 10
MOST_GROWTH = 3


@dataclass(frozen=True)
class Middle:
    """The page in the middle of a form that is answered throughout, and two ways to answer it."""

    page: Call
    answers: tuple[Call, Call]


async def measure_forms(settings: Settings) -> list[Row]:
    """All rows about forms."""
    async with opened_trials(settings) as trials:
        app = trials.resident.app
        short, long = [await _middle(trials, *size) for size in (SHORT, LONG)]
        return [
            await measure_call(app, "page of a form, 20 items", short.page, at_least=0.2, goal=0.5),
            await measure_call(app, "page of a form, 808 items", long.page, at_least=0.1, goal=0.5),
            await _growth(app, short, long),
        ]


async def _growth(app: ASGIApp, short: Middle, long: Middle) -> Row:
    """”Next page” is the answer to a page and the page after it, which a resident waits for together."""
    for one in (short, long):
        await _next_pages(app, one.answers, WARM)
    times: tuple[list[float], list[float]] = ([], [])
    for _ in range(ROUNDS):
        for found, one in zip(times, (short, long), strict=True):
            found.append(await _next_pages(app, one.answers, EACH))
    theirs, ours = (statistics.median(found) for found in times)
    name = "next page of a form: 808 items, 50 expressions, against 20 items"
    limit = 1 / MOST_GROWTH
    return Row(name, ours, theirs, limit, limit, f"grows {ours / theirs:.1f}-fold, at most {MOST_GROWTH}")


async def _next_pages(app: ASGIApp, answers: Sequence[Call], times: int) -> float:
    """Seconds for a next page. Each answer differs from the one before, as those of a resident do."""
    started = time.perf_counter()
    for _ in range(times):
        for one in answers:
            status, location = await call(app, one)
            assert status == 303, f"{one.path}: {status}"
            status, _further = await call(app, Call(urlsplit(location).path, one.cookie))
            assert status == 200, f"{location}: {status}"
    return (time.perf_counter() - started) / (times * len(answers))


async def _middle(trials: Trials, items: int, expressions: int) -> Middle:
    """A draft of a form of that size, all of it answered."""
    published = await trials.publish(json.dumps(large_form(items, expressions)).encode())
    visitor, filler = trials.resident, Filler(trials.resident, published.form)
    await filler.begin(published.code)
    first = urlsplit(visitor.path).path
    await _answer_all(trials, first.split("/")[-3])
    pages = lay_out(published.form)
    path = first.rpartition("/")[0] + f"/{pages[len(pages) // 2].id}"
    await visitor.get(path)
    assert visitor.path == path
    cookie = f"asiointi={visitor.client.cookies['asiointi']}"
    return Middle(Call(path, cookie), (_answer(filler, path, cookie), _answer(filler, path, cookie)))


async def _answer_all(trials: Trials, response_id: str) -> None:
    """Past the pages: walking through a hundred of them is another measure."""
    async with trials.database.transaction() as session:
        response = await session.get_one(FormResponse, response_id)
        read, clock = await read_version(session, response.questionnaire_id), await read_clock(session)
        questions = [item for item in read.form.by_link.values() if answerable(item)]
        answers = Answers({Address(item.link_id): likely(item) for item in questions})
        keep(response, read, Known(clock.now), answers, EMPTY, clock)


def _answer(filler: Filler, path: str, cookie: str) -> Call:
    """The page's form filled in otherwise than the last time."""
    form = filler.visitor.document.form(path)
    for address in list(filler.given):
        filler.tries[address] = filler.tries.get(address, 0) + 1
    fields, _files = filler.answers(form)
    pairs = [(name, value) for name, value in form.values if name not in fields]
    return Call(path, cookie, urlencode([*pairs, *fields.items()], doseq=True).encode())
