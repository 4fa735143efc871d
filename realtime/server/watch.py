"""What those who run the server may ask: how it is, and its figures."""

from __future__ import annotations

from starlette.requests import Request
from starlette.responses import JSONResponse, Response

from realtime.server.access import Access
from realtime.server.calls import Calls
from realtime.server.metrics import CONTENT_TYPE_LATEST, Figures, Metrics
from realtime.server.vitals import report, vital_of

NEVER_KEPT = {"Cache-Control": "no-store"}


class Watch:
    """Answers /healthz and /metrics from the calls as they are when it is asked."""

    def __init__(self, calls: Calls, access: Access) -> None:
        self._calls = calls
        self._access = access
        self._metrics = Metrics(self._figures)

    async def healthz(self, request: Request) -> Response:
        """Say whether all is well; to whom may pass, also which call is not and why."""
        vitals = (vital_of(c.number, c.peer and c.peer.telemetry()) for c in self._calls)
        details = self._access.refusal(request) is None
        status, body = report(vitals, details=details)
        return JSONResponse(body, status, headers=NEVER_KEPT)

    async def metrics(self, _request: Request) -> Response:
        """Return the figures in Prometheus' text format."""
        text = self._metrics.text()
        return Response(text, media_type=CONTENT_TYPE_LATEST, headers=NEVER_KEPT)

    def _figures(self) -> Figures:
        told = [(c.number, c.peer.telemetry()) for c in self._calls if c.peer is not None]
        return Figures(self._calls.begun, self._calls.refused, told, self._calls.heard_by_osc())
