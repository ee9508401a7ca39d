"""Omaolo: our own assessment service in its place, with fault switches around it (see main.py)."""

from starlette.types import ASGIApp

from app.assessment_service.app import create_app

PATH = "/omaolo"


def app() -> ASGIApp:
    """The assessment service, as the window would reach Omaolo."""
    return create_app()
