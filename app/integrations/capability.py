"""The description that every FHIR server gives of itself: harmless to ask for, and proof that it lives."""

from typing import Literal

from pydantic import BaseModel


class CapabilityStatement(BaseModel):
    """As little of it as proves that it is one."""

    resourceType: Literal["CapabilityStatement"]  # noqa: N815 - FHIR's name
