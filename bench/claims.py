"""``visavis bench claims FILE ...``: what is claimed to be heard in people who just talk.

Each file's voice is heard as a stream. Told is for how much of the speech each emotion is claimed
surely enough to move a face, the mean over the files; in ordinary talk all but neutral is mistaken.
"""

from __future__ import annotations

import argparse
from collections import Counter
from collections.abc import Sequence
from pathlib import Path

import numpy as np

from bench.report import Row, table, write_json
from engines.audio_emotion.estimate import EMOTIONS, Estimate
from engines.audio_emotion.opening import open_estimator
from engines.audio_emotion.whole import follow
from realtime.commands.recordings import read_sound
from realtime.voice.follow import Follow

UNSURE = "unsure"


def run(argv: Sequence[str]) -> int:
    """Listen and print."""
    parser = argparse.ArgumentParser("visavis bench claims", description=__doc__)
    parser.add_argument("files", nargs="+", type=Path, metavar="FILE", help="in which one talks")
    parser.add_argument("--json", type=Path, metavar="F", help="keep the figures there")
    options = parser.parse_args(argv)
    estimator = open_estimator()
    heard = [shares(follow(estimator, read_sound(path)), Follow().sure) for path in options.files]
    estimator.close()
    said = {
        name: round(float(np.mean([each[name] for each in heard])), 3)
        for name in (*EMOTIONS, UNSURE)
    }
    felt = round(sum(said[name] for name in EMOTIONS if name != "neutral"), 3)
    row = Row("claimed of talk", extra={"files": len(heard), "any feeling": felt, **said})
    print(table([row]))
    if options.json is not None:
        write_json([row], options.json)
    return 0


def shares(estimates: Sequence[Estimate], sure: float) -> dict[str, float]:
    """Return for how much of the time in which something is said each is claimed, 0 to 1."""
    told = [e for e in estimates if e.heard_s > 0]
    claims = Counter(e.emotion if e.emotion and e.confidence >= sure else UNSURE for e in told)
    return {name: claims[name] / max(1, len(told)) for name in (*EMOTIONS, UNSURE)}
