"""For machines that watch this one: alive, ready, numbers."""

from collections.abc import Callable

from fastapi import APIRouter, Response
from prometheus_client.exposition import CONTENT_TYPE_LATEST
from pydantic import BaseModel
from sqlalchemy import text
from sqlalchemy.exc import SQLAlchemyError

from bot.http import NOT_STORED
from bot.metrics import Metrics
from bot.storage.database import Database

Ready = Callable[[], str | None]  # None, or why not in one line


class Health(BaseModel):
    """`reason` says what is missing when the status is `unready`."""

    status: str
    reason: str | None = None


def create_router(*, database: Database, ready: Ready, metrics: Metrics) -> APIRouter:
    """The routes /healthz, /readyz, /metrics."""
    router = APIRouter(tags=["operation"])

    @router.get("/healthz", summary="The process is alive")
    async def alive(response: Response) -> Health:
        response.headers.update(NOT_STORED)
        return Health(status="ok")

    @router.get("/readyz", summary="Questions can be answered", responses={503: {"model": Health}})
    def readiness(response: Response) -> Health:
        response.headers.update(NOT_STORED)
        reason = _unwritable(database) or ready()
        if reason is None:
            return Health(status="ok")
        response.status_code = 503
        return Health(status="unready", reason=reason)

    @router.get("/metrics", summary="Counters in Prometheus text format", response_class=Response)
    def numbers() -> Response:
        return Response(metrics.text(), media_type=CONTENT_TYPE_LATEST, headers=NOT_STORED)

    return router


def _unwritable(database: Database) -> str | None:
    """Why the database cannot be written; found by writing what is there already."""
    try:
        with database.transaction() as tx:
            tx.execute(text("UPDATE alembic_version SET version_num = version_num"))
    except SQLAlchemyError as error:
        reason = str(getattr(error, "orig", error)).splitlines()[0]
        return f"the database cannot be written ({reason}); check the disk and the folder's owner"
    return None
