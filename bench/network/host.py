"""``python -m bench.network.host``: the server, its calls behind a network that can be made bad.

Each line of standard input is an impairment as JSON, in force from then on; it is answered by a
line of standard output, which says how many calls were begun.
"""

from __future__ import annotations

import asyncio
import json
import subprocess
import sys
import threading
from collections.abc import Generator
from contextlib import contextmanager
from dataclasses import asdict, replace
from functools import partial

from bench.network.impairment import Impairment
from bench.network.relay import Relay


class Host:
    """A server in another process."""

    def __init__(self, process: subprocess.Popen[str]) -> None:
        self._process = process
        self.address = self._line()

    def change(self, impairment: Impairment) -> int:
        """Let the network be so from now on; return how many calls were begun until now."""
        assert self._process.stdin is not None
        self._process.stdin.write(json.dumps(asdict(impairment)) + "\n")
        self._process.stdin.flush()
        return int(self._line())

    def _line(self) -> str:
        assert self._process.stdout is not None
        line = self._process.stdout.readline().strip()
        if not line:
            raise RuntimeError("the host behind the bad network has ended")
        return line


@contextmanager
def hosting() -> Generator[Host, None, None]:
    """Run the server in another process, its network good to begin with."""
    command = [sys.executable, "-m", "bench.network.host"]
    with subprocess.Popen(
        command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
    ) as process:
        try:
            yield Host(process)
        finally:
            process.terminate()


def main() -> None:
    """Print the address of the page and serve until terminated."""
    from realtime.build import build_filter, kept
    from realtime.clock import SystemClock
    from realtime.config import Config, ServerSettings
    from realtime.server import calls
    from realtime.server.app import create_app
    from realtime.server.peer import Peer
    from realtime.server.serving import listen, new_server

    relays: list[Relay] = []

    class RelayedPeer(Peer):
        """A call whose packets pass a relay."""

        relay: Relay | None = None

        async def answer(self, sdp: str) -> str:
            """Return an answer that leads to the relay."""
            self.relay = relay = Relay(())
            relays.append(relay)
            return relay.answer_for_first(await super().answer(relay.offer_for_second(sdp)))

        async def close(self) -> None:
            """Release the relay too."""
            await super().close()
            if self.relay is not None:
                await asyncio.to_thread(self.relay.close)

    def obey() -> None:
        for line in sys.stdin:
            impairment = Impairment(**json.loads(line))
            for relay in relays:
                relay.change(impairment)
            print(len(relays), flush=True)

    calls.Peer = RelayedPeer  # pyright: ignore[reportPrivateImportUsage]
    config = Config(server=replace(ServerSettings(), port=0))
    clock = SystemClock()
    app = create_app(config, partial(kept, partial(build_filter, config.filter), clock), clock)
    with listen(config.server) as listener:
        print(f"http://127.0.0.1:{listener.getsockname()[1]}/", flush=True)
        threading.Thread(target=obey, daemon=True).start()
        new_server(app).run(sockets=[listener])


if __name__ == "__main__":
    main()
