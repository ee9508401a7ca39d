"""The banner of an outage: short, and only where it concerns what the reader is doing."""

from starlette.requests import Request

from app.domain.clock import Clock
from app.domain.text import Language
from app.services.outages import outages_now
from app.services.system_states import system_names
from app.settings import Settings
from app.web.outside import concerned


def outage_texts(request: Request, settings: Settings, clock: Clock, language: Language) -> list[str]:
    """One text for each outage of a system that this page calls or leads to; an announced one says it better than we
    would."""
    systems = concerned(request)
    announced = outages_now(settings.outages_file, systems, clock.now)
    covered = {name for outage in announced for name in outage.systems}
    failing = request.app.state.outside.watch.failing
    seen = [system_names()[name].banner for name in dict.fromkeys(systems) if name in failing and name not in covered]
    return [outage.text.to(language) for outage in announced] + [text.to(language) for text in seen if text]
