"""Everything that decides what a training makes: written down, so that it can be made again."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Literal

from engines.wav2lip_emotion.corpora import Kind
from engines.wav2lip_emotion.faces import Mask

Stage = Literal["expert", "paper", "live"]
"""The lip-sync expert, which comes first; the paper's generator; the one for calls."""

Variant = Literal["l1", "emotion", "both"]
"""What pulls the face towards an emotion: pictures of it, the emotion objective, or both."""

EMOTIONS = ("neutral", "happy", "sad", "angry", "fear", "disgust", "surprise", "contempt")


@dataclass(frozen=True, slots=True)
class Weights:
    """How much each loss counts; they add up to 1 (Magnusson et al. 2021, section 3.4).

    Attributes:
        likeness: L1 distance to the target pictures.
        sync: what the lip-sync expert says.
        realism: what the critic says.
        emotion: what the emotion objective says.
    """

    likeness: float
    sync: float
    realism: float
    emotion: float


WEIGHTS: dict[Variant, Weights] = {
    "l1": Weights(0.9, 0.03, 0.07, 0.0),
    "emotion": Weights(0.6, 0.03, 0.07, 0.3),
    "both": Weights(0.8, 0.03, 0.07, 0.1),
}
"""With the emotion objective alone the target is the speaker's own face, which the objective has to
pull away from, so it counts three times as much. Without it its share goes to likeness."""


@dataclass(frozen=True, slots=True)
class LiveWeights:
    """How much each loss of the live generator counts.

    Attributes:
        likeness: distance to the geometric edit's own further one, which a face can bear.
        detail: the same of its slopes, which keep edges where they belong.
        emotion: what the emotion objective says: what the geometric edit falls short of.
        sync: how much less the lip-sync expert agrees than before.
        lips: how much the lips' gap changes, which is the speaker's.
        smooth: slopes of the shifts: a field that tears the face is none.
        shade: slopes of what is added: no blotches, no drawn lines.
        tint: what is added and is not light or shade alone.
        calm: what is added to one picture and not to the next.
    """

    likeness: float = 8.0
    detail: float = 2.0
    emotion: float = 0.2
    sync: float = 0.05
    lips: float = 0.2
    smooth: float = 15.0
    shade: float = 0.2
    tint: float = 2.0
    calm: float = 1.0


LIVE_WEIGHTS = LiveWeights()

GRADIENT_NORM = (1e-2, 1e10)
"""Between these the critic's gradient is held, lest it dies or runs away."""


@dataclass(frozen=True, slots=True)
class Corpus:
    """Where recordings lie.

    Attributes:
        kind: whose folders and names they have.
        folder: where.
        speaker: who is in all of a plain folder; else each file or sub-folder is a speaker.
        rights: what the card says of them: "CC BY 4.0".
        pattern: take only names that match, as the shell does.
    """

    kind: Kind
    folder: str
    speaker: str = ""
    rights: str = ""
    pattern: str = "*"


@dataclass(frozen=True, slots=True)
class Recipe:
    """One training.

    Attributes:
        stage: what is made.
        out: the folder of its weights, log, plots and sheets.
        prepared: the folder of prepared clips, which trainings may share.
        corpora: what it learns from.
        held_out: speakers that it never sees; its checks are on them.
        held_out_share: of the other speakers' clips, what share is kept for checks too.
        source: the emotion of the reference, for ``paper``.
        destination: the emotion to show, for ``paper``.
        variant: see there.
        mask: see there.
        width: multiplies the channels; 1 is the published size.
        expert: weights of the lip-sync expert, for ``paper`` and ``live``.
        emotions: the FER2013 classifier's hdf5 file, for the emotion objective.
        edits: the folder of clips that the geometric edit changed, for ``live``; for ``paper``
            too, where there are not enough acted ones: then who just speaks is the source.
        edited: how many clips it changes, of all that there are; 0 is all.
        edits_each: to how many emotions it changes each of them.
        edits_over: how many more edits begin with a face that another edit already changed, for
            people in calls do not always look neutral.
        start: weights to begin with: a checkpoint of the same stage and width, or what
            ``visavis engines import wav2lip`` makes.
        steps: batches that are learnt from.
        batch: windows of five pictures in each; for ``live``, pictures.
        rate: Adam's step.
        seed: of every random choice.
        save_every: steps between two files, sheets and plots.
        check_every: steps between two checks on what is held out.
    """

    stage: Stage
    out: str
    prepared: str
    corpora: tuple[Corpus, ...]
    held_out: tuple[str, ...] = ()
    held_out_share: float = 0.05
    source: Literal[
        "neutral", "happy", "sad", "angry", "fear", "disgust", "surprise", "contempt"
    ] = "neutral"
    destination: Literal[
        "neutral", "happy", "sad", "angry", "fear", "disgust", "surprise", "contempt"
    ] = "happy"
    variant: Variant = "both"
    mask: Mask = "full"
    width: float = 1.0
    expert: str = ""
    emotions: str = ""
    edits: str = ""
    edited: int = 0
    edits_each: int = 8
    edits_over: int = 0
    start: str = ""
    steps: int = 100_000
    batch: int = 16
    rate: float = 1e-4
    seed: int = 0
    save_every: int = 1000
    check_every: int = 500

    @property
    def weights(self) -> Weights:
        """How much each loss counts in this variant."""
        return WEIGHTS[self.variant]


LIMITS: Mapping[str, tuple[float, float]] = {
    "held_out_share": (0.0, 0.5),
    "width": (0.05, 2.0),
    "steps": (1, 10_000_000),
    "batch": (1, 1024),
    "rate": (1e-7, 1e-1),
    "edited": (0, 1_000_000),
    "edits_each": (1, 8),
    "edits_over": (0, 8),
    "seed": (0, 2**31 - 1),
    "save_every": (1, 1_000_000),
    "check_every": (1, 1_000_000),
}
"""Least and greatest value of each number, for whoever reads a recipe from a file."""
