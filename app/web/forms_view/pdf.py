"""A page as a PDF file, made on this machine: nothing is fetched for it but the styles of our own."""

import asyncio
from typing import Any

import structlog
from jinja2 import Environment
from starlette.responses import Response

from app.web.page import Page

log = structlog.get_logger(__name__)

STYLE = """
@page { size: A4; margin: 2cm; @bottom-right { content: counter(page) " / " counter(pages); font-size: 9pt } }
body { font-family: sans-serif; font-size: 11pt; line-height: 1.4 }
h1 { font-size: 17pt } h2 { font-size: 13pt; break-after: avoid }
dl div { break-inside: avoid; margin-bottom: 3mm } dt { font-weight: bold } dd { margin: 0 } p { margin: 0 0 1mm }
a { color: inherit; text-decoration: none }
"""


async def pdf_of(page: Page, template: str, context: object, name: str) -> Response:
    """The template as a tagged PDF (ISO 14289-1, PDF/UA), to be saved as `name`, made beside the event loop; where this
    machine can't make one, on to the page for the printer."""
    environment: Environment = page.request.app.state.environment
    html = environment.get_template(template).render({"page": page, **vars(context)})
    try:
        content = await asyncio.to_thread(_write, html)
    except OSError as error:
        log.error("pdf_not_made", reason=type(error).__name__)
        return page.go(page.own_path.rpartition("/")[0] + "/print")
    headers = {
        "Content-Disposition": f'attachment; filename="{name}.pdf"',
        "Cache-Control": "no-store",
        "X-Content-Type-Options": "nosniff",
    }
    return Response(content, media_type="application/pdf", headers=headers)


def _write(html: str) -> bytes:
    # Here and not above: it needs Pango of the system, and without that everything but PDF still works.
    from weasyprint import CSS, HTML

    document = HTML(string=html, url_fetcher=_refuse, base_url=None)
    content: bytes = document.write_pdf(stylesheets=[CSS(string=STYLE)], pdf_variant="pdf/ua-1")
    return content


def _refuse(url: str, *_args: Any, **_options: Any) -> Any:
    """Nothing is fetched: a PDF is made of what the page says."""
    raise ValueError(f"not fetched: {url[:40]}")
