"""Imported once by the server that filters' processes are forked from; importing *is* its work.

What is loaded and compiled here, each of those processes has from its first moment, and the machine
has it in memory once.
"""

from contextlib import suppress

from realtime.build import preload

with suppress(Exception):  # what is wrong is told by the first filter that is built
    preload()
