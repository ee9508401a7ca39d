"""The resident's newest measurements in their own Kanta record, read when they ask for it."""

from collections.abc import Mapping

from app.integrations.kanta.phr.port import Measurement, NotAllowed, PersonalHealthRecord
from app.services.audit import trail
from app.services.clock import read_clock
from app.services.health_record.access import ConsentEnded, Transactions, open_access
from app.services.health_record.consent import allows_reading, find_consent
from app.services.health_record.save import ConsentNeeded
from app.services.identity.vault import IdentityVault
from app.services.viewer import Viewer


async def newest_measurements(
    transactions: Transactions, phr: PersonalHealthRecord, vault: IdentityVault, viewer: Viewer
) -> Mapping[str, Measurement]:
    """By measure (content/kanta_phr.json) what was measured last, whoever wrote it. Calls the outside: `transactions`
    are short ones of its own, with what the viewer may see.

    Raises ConsentNeeded where no consent holds that lets us read, RecordBusy, Unavailable and Rejected.
    """
    async with transactions() as session:
        consent = await find_consent(session, viewer)
    if consent is None or not allows_reading(consent):
        raise ConsentNeeded
    try:
        access = await open_access(transactions, phr, vault, consent.id, viewer)
        kept = await phr.read(access, Measurement)
    except (ConsentEnded, NotAllowed) as error:
        raise ConsentNeeded from error
    async with transactions() as session:
        clock, target = await read_clock(session), ("health_record_consent", consent.id)
        await trail.record(session, clock, viewer, "read_health_record", target, subject_id=viewer.person_id)
    oldest_first = sorted((one.entry for one in kept), key=lambda one: one.measured_at)
    return {one.measure: one for one in oldest_first}
