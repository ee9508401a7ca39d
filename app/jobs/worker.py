"""The worker process: the queue, its tools, and a clean end."""

from app.database import Database
from app.integrations.omaolo.client import OmaoloClient
from app.integrations.suomifi.messages.client import MessagesConfig, SuomifiMessages
from app.jobs import jobs
from app.jobs.app import Tools, queue_on
from app.logs import configure_logs
from app.services.identity_vault import IdentityVault
from app.settings import Settings


async def run_worker(settings: Settings, *, until_empty: bool = False) -> None:
    """Work until stopped (SIGTERM lets the running job finish), or until the queue is empty."""
    settings.check_safe()
    configure_logs(settings)
    tools = make_tools(settings)
    jobs.tools = tools
    try:
        with jobs.replace_connector(queue_on(settings.database_url)) as queue:
            async with queue.open_async():
                await queue.run_worker_async(
                    concurrency=4, wait=not until_empty, listen_notify=not until_empty, shutdown_graceful_timeout=10
                )
    finally:
        await tools.messages.close()
        await tools.omaolo.close()
        await tools.database.close()


def make_tools(settings: Settings) -> Tools:
    """The tools of a worker's tasks."""
    return Tools(
        settings=settings,
        database=Database(settings.database_url, pool=4, fixed_now=settings.fixed_now),
        vault=IdentityVault.of(settings),
        messages=SuomifiMessages(
            MessagesConfig(
                settings.messages_url,
                settings.messages_username,
                settings.messages_password.get_secret_value(),
                settings.messages_service_id,
            )
        ),
        omaolo=OmaoloClient(settings.omaolo_url),
    )
