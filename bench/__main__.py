"""``python -m bench``: the same as ``visavis bench``, errors and exit codes included."""

from __future__ import annotations

import sys

from realtime.__main__ import main

if __name__ == "__main__":
    sys.exit(main(["bench", *sys.argv[1:]]))
