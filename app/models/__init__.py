"""Tables, one aggregate a file. Importing this package registers all of them on `Base.metadata`."""

from app.models.appointment import Appointment, AppointmentEvent
from app.models.assessment import Assessment, AssessmentRun
from app.models.audit import AuditEvent
from app.models.base import Base
from app.models.case import Case, CaseEvent, ContactRequest, NeedAssessment, TimeLimit, Unit
from app.models.catalogue_sync import CatalogueSync
from app.models.delivery import Delivery
from app.models.external_booking import ExternalBooking
from app.models.health_record_consent import ConsentAttempt, HealthRecordConsent
from app.models.notice import Notice
from app.models.outside import OutsideFault, OutsideSystem
from app.models.person import Person, StaffMember
from app.models.schedule import Allocation, Availability, BookableService, Professional, Resource
from app.models.service import Service, ServiceLocation
from app.models.session import BrowserSession, SignInAttempt, UsedLogoutToken
from app.models.submission import Submission
from app.models.sync_point import SyncPoint
from app.models.video_room import VideoRoom

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
    "CatalogueSync",
    "ConsentAttempt",
    "ContactRequest",
    "Delivery",
    "ExternalBooking",
    "HealthRecordConsent",
    "NeedAssessment",
    "Notice",
    "OutsideFault",
    "OutsideSystem",
    "Person",
    "Professional",
    "Resource",
    "Service",
    "ServiceLocation",
    "SignInAttempt",
    "StaffMember",
    "Submission",
    "SyncPoint",
    "TimeLimit",
    "Unit",
    "UsedLogoutToken",
    "VideoRoom",
]
