"""What a library writes to the error channel is dropped; what Python writes there is not."""

import subprocess
import sys

CODE = """
import os, sys
from realtime.chatter import muted
os.write(2, b"before\\n")
with muted():
    os.write(2, b"chatter\\n")
    print("ours", file=sys.stderr)
print("after", file=sys.stderr)
os.write(2, b"and after\\n")
"""


def test_only_the_chatter_is_dropped():
    done = subprocess.run([sys.executable, "-c", CODE], capture_output=True, text=True, check=True)
    assert done.stderr == "before\nours\nafter\nand after\n"
