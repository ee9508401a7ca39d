"""All kinds of deliveries. A new one is a file `deliver_….py` and one line here."""

from app.services.deliveries.deliver_appointment import CancelAppointment, RegisterAppointment
from app.services.deliveries.deliver_assessment import AssessmentToProfessional
from app.services.deliveries.deliver_booking import BookElsewhere, CancelElsewhere
from app.services.deliveries.deliver_case import InitiateCase, SendAnswers
from app.services.deliveries.deliver_email import NoticeByEmail, VerificationEmail
from app.services.deliveries.deliver_form import SendForm
from app.services.deliveries.deliver_health_record import SaveResult, WithdrawConsent
from app.services.deliveries.deliver_notice import NoticeToMailbox
from app.services.deliveries.deliver_room import CloseRoom, OpenRoom
from app.services.deliveries.deliver_sms import NoticeBySms, VerificationCode
from app.services.deliveries.kind import DeliveryKind

_ALL: tuple[DeliveryKind, ...] = (
    NoticeToMailbox(),
    NoticeBySms(),
    VerificationCode(),
    NoticeByEmail(),
    VerificationEmail(),
    RegisterAppointment(),
    CancelAppointment(),
    OpenRoom(),
    CloseRoom(),
    InitiateCase(),
    SendAnswers(),
    SendForm(),
    AssessmentToProfessional(),
    BookElsewhere(),
    CancelElsewhere(),
    SaveResult(),
    WithdrawConsent(),
)
KINDS: dict[str, DeliveryKind] = {kind.name: kind for kind in _ALL}


def kind_named(name: str) -> DeliveryKind:
    """The kind called `name`. Raises KeyError."""
    return KINDS[name]
