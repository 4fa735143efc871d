"""Weights that others trained and published: Wav2Lip's generator and its lip-sync expert.

The files (``wav2lip.pth``, ``wav2lip_gan.pth``, ``lipsync_expert.pth`` of Rudrabha/Wav2Lip) are
read layer for layer: each of theirs has one place here. Theirs see blue first, as OpenCV reads
pictures; the first and the last kernel are turned round, so that here they see red first.
"""

# ruff: noqa: TID253 - a module of networks; only who imports weights needs it

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import cast

from torch import Tensor, nn

from engines.wav2lip_emotion.expert import Expert
from engines.wav2lip_emotion.generator import Generator
from engines.wav2lip_emotion.training import State, TrainingError, load, save

LICENCE = (
    "These weights are for research and personal use only: they were trained on LRS2, whose "
    "licence forbids commercial use (Rudrabha/Wav2Lip, README). visavis does not ship them."
)

GENERATOR = {
    "face_encoder_blocks": "identity",
    "audio_encoder": "speech",
    "face_decoder_blocks": "decoder",
    "output_block": "output",
}
EXPERT = {"face_encoder": "sight", "audio_encoder": "hearing"}
INSIDE = {".conv_block.0.": ".conv.", ".conv_block.1.": ".norm."}
"""What they call a part, and what it is called here."""

PARALLEL = "module."
"""What a network trained on several GPUs has before each name."""


@dataclass(frozen=True, slots=True)
class Imported:
    """What a file turned out to be.

    Attributes:
        kind: ``generator`` or ``expert``.
        layers: convolutions read.
        parameters: numbers that were learnt.
        model: the weights as this project names them.
    """

    kind: str
    layers: int
    parameters: int
    model: Mapping[str, Tensor]


def import_file(path: Path, out: Path) -> Imported:
    """Read a published file and write it as a checkpoint of this project.

    Raises:
        TrainingError: the file is not one of them; what does not fit is named.
    """
    held = load(path)
    state = cast("Mapping[str, Tensor]", held.get("state_dict", held))
    found = convert(state)
    about: State = {"kind": found.kind, "width": 1.0, "licence": LICENCE, "source": path.name}
    save({**about, "model": dict(found.model)}, out)
    return found


def convert(state: Mapping[str, Tensor]) -> Imported:
    """Return a published state dictionary as this project names and orders it.

    Raises:
        TrainingError: a layer is absent, unknown or of another size; the first is named.
    """
    plain = {name.removeprefix(PARALLEL): value for name, value in state.items()}
    parts = {name.split(".")[0] for name in plain}
    if "binary_pred" in parts:
        raise TrainingError(
            "this is Wav2Lip's visual quality discriminator, which sees half a face; "
            "the one here sees all of it and is trained anew"
        )
    if "face_decoder_blocks" in parts:
        kind, names, network = "generator", GENERATOR, cast("nn.Module", Generator())
    elif "face_encoder" in parts:
        kind, names, network = "expert", EXPERT, cast("nn.Module", Expert())
    else:
        raise TrainingError("this holds neither Wav2Lip's generator nor its lip-sync expert")
    model = {_renamed(name, names): value for name, value in plain.items()}
    _compare(network.state_dict(), model)
    model |= _red_first(kind, model)
    convolutions = sum(name.endswith("weight") and v.ndim == 4 for name, v in model.items())
    learnt = sum(v.numel() for name, v in model.items() if name.endswith(("weight", "bias")))
    return Imported(kind, convolutions, learnt, model)


def _renamed(name: str, names: Mapping[str, str]) -> str:
    first, _, rest = name.partition(".")
    for theirs, ours in INSIDE.items():
        rest = f".{rest}".replace(theirs, ours).removeprefix(".")
    return f"{names.get(first, first)}.{rest}"


def _compare(wanted: Mapping[str, Tensor], given: Mapping[str, Tensor]) -> None:
    for name in wanted.keys() - given.keys():
        raise TrainingError(f"the file lacks the layer {name}")
    for name in given.keys() - wanted.keys():
        raise TrainingError(f"the file has a layer {name}, which Wav2Lip has not")
    for name, value in wanted.items():
        if given[name].shape != value.shape:
            raise TrainingError(
                f"the layer {name} is {list(given[name].shape)} and not {list(value.shape)}: "
                "this is another network than the published one of 96 pixels"
            )


def _red_first(kind: str, model: Mapping[str, Tensor]) -> dict[str, Tensor]:
    first = "identity.0.0.conv.weight" if kind == "generator" else "sight.0.conv.weight"
    kernel = model[first]
    triples = kernel.reshape(kernel.shape[0], -1, 3, *kernel.shape[2:])
    turned = {first: triples[:, :, [2, 1, 0]].reshape(kernel.shape)}
    if kind == "generator":
        for name in ("output.1.weight", "output.1.bias"):
            turned[name] = model[name][[2, 1, 0]]
    return turned


def open_expert(path: Path) -> Expert:
    """Return the expert of a checkpoint, trained here or imported, in evaluation mode.

    Raises:
        TrainingError: the file is another's.
    """
    held = weights_of(path, "expert")
    expert = Expert(float(held["width"]))
    expert.load_state_dict(held["model"])
    return expert.eval().requires_grad_(False)


def weights_of(path: Path, kind: str) -> State:
    """Return a checkpoint's state, trained here or imported.

    Raises:
        TrainingError: the file is absent or holds something else.
    """
    held = load(path)
    held = cast("State", held.get("state", held))
    if held.get("kind") != kind:
        raise TrainingError(f"{path} holds {held.get('kind', 'something else')}, not the {kind}")
    return held
