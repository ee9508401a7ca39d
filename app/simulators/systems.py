"""All simulated systems. A new one is one line here."""

from app.simulators import (
    booking_backend,
    email,
    kanta_appointments,
    kanta_phr,
    omaolo,
    records,
    scanner,
    sms,
    staff_identification,
    suomifi_catalogue,
    suomifi_identification,
    suomifi_mandates,
    suomifi_messages,
    video,
)
from app.simulators.system import Parts, SimulatedSystem


def systems(parts: Parts) -> tuple[SimulatedSystem, ...]:
    """The systems in the order in which the index page lists them."""
    return (
        omaolo.system(parts),
        suomifi_identification.system(parts),
        staff_identification.system(parts),
        suomifi_mandates.system(parts),
        suomifi_messages.system(parts),
        suomifi_catalogue.system(parts),
        kanta_phr.system(parts),
        kanta_appointments.system(parts),
        booking_backend.system(parts),
        records.system(parts),
        sms.system(parts),
        email.system(parts),
        video.system(parts),
        scanner.system(parts),
    )
