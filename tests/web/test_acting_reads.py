"""What somebody who acts for another still reads: nothing in doubt, nothing of a case that is closed to them."""

import asyncio

from fastapi import FastAPI

from app.settings import Settings
from tests.tools.visitor import Visitor
from tests.web.test_acting import act_for, book, id_in, rows, suomifi
from tests.web.test_road import answer_until_result

LATER = "update representation set asked_at = asked_at - interval '61 seconds' returning 1"


async def assess(visitor: Visitor) -> str:
    """An assessment answered to its end: the path of the result."""
    await visitor.get("/fi/assess/urinary")
    await visitor.submit("/assess/urinary")
    await answer_until_result(visitor)
    return visitor.path


async def test_answers_in_doubt(visitor: Visitor, settings: Settings) -> None:
    """While nobody can say that the right still holds, not even the answers given for the other person are shown."""
    await act_for(visitor, "Marja", "Aili")
    result = await assess(visitor)
    with suomifi(settings, "error"):
        rows(settings, LATER)
        for path in (result, result.replace("/result", "/page-who"), result.replace("/fi/", "/sv/")):
            assert (await visitor.get(path)).status == 503, path
        run = id_in(result)
        assert (await visitor.get(f"/fi/contact?assessment={run}")).status == 503
    await asyncio.sleep(settings.breaker_rest_seconds + 0.1)


async def test_a_case_closed_to_guardians(visitor: Visitor, app: FastAPI, settings: Settings) -> None:
    """After a verdict that closes the case the guardian finds neither it nor the answers and times that belong to it,
    also what they made themselves; the child does."""
    await act_for(visitor, "Heli", "Aino")
    result = await assess(visitor)
    await visitor.get(visitor.document.leading_to("/book/nurse-visit/times"))
    form = [one for one in visitor.document.forms() if one.action.endswith("/hold")][-1]
    await visitor.send(form, form.buttons[-1][0])
    await visitor.submit(visitor.path, phone="040 123 4567", note="")
    await visitor.submit("/confirm")
    booked = visitor.path
    assert "/my/appointments/" in booked
    close = "update \"case\" set guardian_access = 'closed' where id = (select case_id from appointment where id = %s)"
    rows(settings, close, id_in(booked))
    for path in (result, booked, f"{booked}/cancel", f"{booked}/calendar.ics"):
        assert (await visitor.get(path)).status == 404, path
    assert booked not in [href for _text, href in (await visitor.get("/fi/my")).document.links()]
    async with Visitor(app, settings.public_url) as aino:
        await aino.get("/fi/my")
        await aino.sign_in("Aino")
        assert (await aino.get(booked)).status == 200


async def test_a_case_opened_to_guardians(visitor: Visitor, app: FastAPI, settings: Settings) -> None:
    """After a verdict that opens one case the guardian of a fourteen-year-old reads that one and no other."""
    async with Visitor(app, settings.public_url) as aino:
        await aino.get("/fi/my")
        await aino.sign_in("Aino")
        await assess(aino)
        await aino.get(aino.document.leading_to("/book/nurse-visit/times"))
        form = [one for one in aino.document.forms() if one.action.endswith("/hold")][-1]
        await aino.send(form, form.buttons[0][0])
        await aino.submit(aino.path, phone="040 123 4567", note="")
        await aino.submit("/confirm")
        opened = aino.path
        closed = await book(aino)
    await act_for(visitor, "Heli", "Aino")
    assert (await visitor.get(opened)).status == 404
    let_in = "update \"case\" set guardian_access = 'open' where id = (select case_id from appointment where id = %s)"
    rows(settings, let_in, id_in(opened))
    assert (await visitor.get(opened)).status == 200
    assert (await visitor.get(closed)).status == 404
