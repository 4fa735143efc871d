"""The thread that runs one call's filter. Nothing of it ever runs on the event loop."""

from __future__ import annotations

import logging
import threading
from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace

from engines.placement import Placement
from realtime.box import Latest
from realtime.filter import Filter, FilterState
from realtime.session import Hear, Lead, Session, Sink, own_choice
from realtime.stage import Percentiles
from realtime.types import PANIC, Edit, Frame, Show

logger = logging.getLogger(__name__)


class Worker:
    """Filters what is in ``box`` until that is closed.

    ``take_filter`` runs on the thread too, so that a filter that is still warming up delays
    nothing else. ``lead`` may turn the edit into another, frame by frame. ``on_end`` is called
    there last, with the error that ended it or None.

    Attributes:
        hear: what a generator listens to; set before it starts.
    """

    def __init__(
        self,
        box: Latest[Frame],
        take_filter: Callable[[], Filter],
        sinks: Sequence[Sink],
        budget: int,
        on_end: Callable[[Exception | None], None],
        lead: Lead = own_choice,
    ) -> None:
        self._box = box
        self._take_filter = take_filter
        self._sinks = sinks
        self._budget = budget
        self._on_end = on_end
        self._lead = lead
        self.hear: Hear | None = None
        self._edit = Edit()
        self._show = Show()
        self._session: Session | None = None
        self._lost = False
        self._thread = threading.Thread(target=self._work, name="filter", daemon=True)

    def start(self) -> None:
        """Begin; idempotent."""
        if self._thread.ident is None:
            self._thread.start()

    def close(self) -> None:
        """Let the thread end after the picture in hand; ``on_end`` tells when. Idempotent."""
        self._box.close()

    @property
    def running(self) -> bool:
        """Whether the thread has begun and not yet ended."""
        return self._thread.is_alive()

    def join(self) -> None:
        """Wait for the thread's last moment, after ``on_end`` told that its work is over."""
        self._thread.join()

    @property
    def edit(self) -> Edit:
        """What the face is to show, from the next picture on."""
        return self._edit

    @edit.setter
    def edit(self, edit: Edit) -> None:
        self._edit = edit
        if self._session is not None:
            self._session.edit = edit

    @property
    def show(self) -> Show:
        """How the picture is shown, from the next one on."""
        return self._show

    @show.setter
    def show(self, show: Show) -> None:
        self._show = show
        if self._session is not None:
            self._session.show = show

    def panic(self) -> None:
        """Drop the edit at once. What is not its emotion stays, for the next edit to build on."""
        self.edit = replace(self._edit, emotion=None, affect=None, coefficients=())
        if self._session is not None:
            self._session.edit = PANIC

    def take_rest(self) -> None:
        """Take the largest face of the next pictures for how it looks at rest."""
        if self._session is not None:
            self._session.take_rest()

    @property
    def unshown(self) -> int:
        """Pictures for which there was nothing yet that may be shown."""
        return self._session.unshown if self._session else 0

    @property
    def state(self) -> FilterState:
        """How the filter is: hung or dead while another is on its way, dead too once it is lost."""
        if self._lost:
            return FilterState.DEAD
        return self._session.filter.state if self._session else FilterState.STARTING

    @property
    def restarts(self) -> int:
        """How often the filter had to be begun anew."""
        return self._session.filter.restarts if self._session else 0

    @property
    def places(self) -> Sequence[Placement]:
        """Where the filter's networks run; nothing while it warms up."""
        return self._session.filter.places if self._session else ()

    def percentiles(self) -> Mapping[str, Percentiles]:
        """Return what each stage took of late; empty while the filter warms up."""
        return self._session.filter.percentiles() if self._session else {}

    def _work(self) -> None:
        error: Exception | None = None
        try:
            filter = self._take_filter()
            session = Session(self._box, filter, self._sinks, budget=self._budget, lead=self._lead)
            with session:
                self._session = session
                session.show, session.hear = self._show, self.hear
                session.edit = self._edit  # after the lines above, so that no change slips between
                session.run()
        except Exception as exc:
            logger.exception("the filter stopped")
            self._lost = True
            error = exc
        self._on_end(error)
