"""``python -m tests.browser.voice_host``: the server, with ears for pitch in place of a network.

All else is real: the browser's microphone, the call, the tape, the thread that listens, the filter.
"""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Generator
from contextlib import contextmanager
from functools import partial

from realtime.build import live_filter, open_voice
from realtime.clock import SystemClock
from realtime.config import Config, ServerSettings
from tests.realtime.voice.voices import PitchEstimator


@contextmanager
def voice_host(ears: str) -> Generator[str, None, None]:
    """Run the server in another process, with ``ears`` "pitch" or "network"; yield its address."""
    command = [sys.executable, "-m", "tests.browser.voice_host", ears]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as process:
        try:
            assert process.stdout is not None
            address = process.stdout.readline().strip()
            assert address, "the host did not start"
            yield address
        finally:
            process.terminate()


def main(ears: str) -> None:
    from realtime.server.app import create_app
    from realtime.server.serving import listen, new_server

    config, clock = Config(server=ServerSettings(port=0)), SystemClock()
    build = partial(live_filter, config.filter, clock)
    hears = open_voice if ears == "network" else PitchEstimator
    app = create_app(config, build, clock, open_voice=hears)
    with listen(config.server) as listener:
        sys.stdout.write(f"http://127.0.0.1:{listener.getsockname()[1]}/\n")
        sys.stdout.flush()
        new_server(app).run(sockets=[listener])


if __name__ == "__main__":
    main(sys.argv[1])
