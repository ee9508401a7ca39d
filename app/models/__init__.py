"""Tables, one aggregate a file. Importing this package registers all of them on `Base.metadata`."""

from app.models.application import Application, Decision, InformationRequest
from app.models.appointment import Appointment, AppointmentEvent
from app.models.assessment import Assessment, AssessmentRun
from app.models.audit import AuditEvent, AuditSeal, AuditSealed, AuditUnsealed
from app.models.base import Base
from app.models.case import CapacityVerdict, Case, CaseEvent, ContactRequest, NeedAssessment, TimeLimit, Unit
from app.models.catalogue_sync import CatalogueSync
from app.models.delivery import Delivery
from app.models.external_booking import ExternalBooking
from app.models.form import (
    Attachment,
    AttachmentChunk,
    FormResponse,
    FormTask,
    Questionnaire,
    QuestionnaireEvent,
)
from app.models.health_record_consent import ConsentAttempt, HealthRecordConsent
from app.models.notice import Notice
from app.models.outside import OutsideFault, OutsideSystem
from app.models.own_data import ContactPoint, CorrectionRequest, NotificationChoice, Permit, PersonNeeds
from app.models.person import FormerIdentity, FoundPerson, Person, PersonMerge, StaffMember
from app.models.rate_limit import RateLimit
from app.models.representation import CareRole, LocalMandate, Representation, RepresentationAttempt
from app.models.schedule import Allocation, Availability, BookableService, Professional, Resource
from app.models.service import Service, ServiceLocation
from app.models.session import BrowserSession, SetAside, SignInAttempt, UsedLogoutToken
from app.models.special_access import SpecialAccess
from app.models.submission import Submission
from app.models.sync_point import SyncPoint
from app.models.video_room import VideoRoom

__all__ = [
    "Allocation",
    "Application",
    "Appointment",
    "AppointmentEvent",
    "Assessment",
    "AssessmentRun",
    "Attachment",
    "AttachmentChunk",
    "AuditEvent",
    "AuditSeal",
    "AuditSealed",
    "AuditUnsealed",
    "Availability",
    "Base",
    "BookableService",
    "BrowserSession",
    "CapacityVerdict",
    "CareRole",
    "Case",
    "CaseEvent",
    "CatalogueSync",
    "ConsentAttempt",
    "ContactPoint",
    "ContactRequest",
    "CorrectionRequest",
    "Decision",
    "Delivery",
    "ExternalBooking",
    "FormResponse",
    "FormTask",
    "FormerIdentity",
    "FoundPerson",
    "HealthRecordConsent",
    "InformationRequest",
    "LocalMandate",
    "NeedAssessment",
    "Notice",
    "NotificationChoice",
    "OutsideFault",
    "OutsideSystem",
    "Permit",
    "Person",
    "PersonMerge",
    "PersonNeeds",
    "Professional",
    "Questionnaire",
    "QuestionnaireEvent",
    "RateLimit",
    "Representation",
    "RepresentationAttempt",
    "Resource",
    "Service",
    "ServiceLocation",
    "SetAside",
    "SignInAttempt",
    "SpecialAccess",
    "StaffMember",
    "Submission",
    "SyncPoint",
    "TimeLimit",
    "Unit",
    "UsedLogoutToken",
    "VideoRoom",
]
