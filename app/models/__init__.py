"""Tables, one aggregate a file. Importing this package registers all of them on `Base.metadata`."""

from app.models.appointment import Appointment, AppointmentEvent
from app.models.assessment import Assessment, AssessmentRun
from app.models.audit import AuditEvent
from app.models.base import Base
from app.models.case import Case, CaseEvent, ContactRequest, NeedAssessment, TimeLimit, Unit
from app.models.notice import Notice
from app.models.person import Person, StaffMember
from app.models.schedule import Allocation, Availability, BookableService, Professional, Resource
from app.models.service import Service, ServiceLocation
from app.models.session import BrowserSession, SignInAttempt
from app.models.submission import Submission

__all__ = [
    "Allocation",
    "Appointment",
    "AppointmentEvent",
    "Assessment",
    "AssessmentRun",
    "AuditEvent",
    "Availability",
    "Base",
    "BookableService",
    "BrowserSession",
    "Case",
    "CaseEvent",
    "ContactRequest",
    "NeedAssessment",
    "Notice",
    "Person",
    "Professional",
    "Resource",
    "Service",
    "ServiceLocation",
    "SignInAttempt",
    "StaffMember",
    "Submission",
    "TimeLimit",
    "Unit",
]
