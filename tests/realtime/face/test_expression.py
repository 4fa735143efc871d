"""A face made of known coefficients is read as those, and its rest is learned."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import numpy as np
import pytest

from realtime.clock import MS
from realtime.face import basis, mesh
from realtime.face.expression import Rest, coefficients
from realtime.face.pose import find_head
from realtime.types import Floats
from tests.portrait import vector
from tests.realtime.face.faces import RESTING, filmed, head, showing

POSES = [(0, 0, 0), (25, 0, 0), (-20, 15, 10), (0, -15, -30)]
SEEN = [
    name
    for name in basis.ARKIT
    if basis.displacements()[basis.INDEX[name]].any() and "Shrug" not in name and "Roll" not in name
]


def read(points: Floats, rest: Floats | None = None) -> dict[str, float]:
    values = coefficients(points, mesh.canonical() if rest is None else rest)
    return dict(zip(basis.ARKIT, values.tolist(), strict=True))


@pytest.mark.parametrize("name", SEEN)
def test_one_coefficient_is_read_as_itself(name: str):
    found = read(mesh.canonical() + 0.7 * basis.displacements()[basis.INDEX[name]])
    own = found.pop(name)
    assert 0.4 < own < 0.75
    assert max(found.values()) < 0.3 * own + 0.05


@pytest.mark.parametrize(("yaw", "pitch", "roll"), POSES)
@pytest.mark.parametrize(
    "shows",
    [
        {"mouthSmile": 0.8, "cheekSquint": 0.6},
        {"browInnerUp": 0.9, "mouthFrown": 0.7},
        {"browDown": 0.8, "noseSneer": 0.6},
        {"browOuterUp": 0.7, "browInnerUp": 0.7, "eyeWide": 0.6, "jawOpen": 0.5},
        {"eyeBlinkLeft": 0.9, "mouthSmileLeft": 0.6},
    ],
)
def test_expressions_come_back_in_any_pose(
    yaw: float, pitch: float, roll: float, shows: dict[str, float]
):
    points = filmed(showing(shows), head(yaw, pitch, roll)).points
    found = find_head(points, mesh.canonical()).to_canonical(points)
    values = coefficients(found, mesh.canonical())
    assert np.abs(values - vector(shows)).max() < 0.3
    assert np.abs(values - vector(shows)).mean() < 0.05


def test_a_face_at_rest_shows_nothing():
    assert coefficients(mesh.canonical(), mesh.canonical()).max() == 0
    someone = showing({"mouthFrown": 0.5, "browDown": 0.4})
    assert coefficients(someone, someone).max() == 0


def test_more_of_it_is_read_as_more():
    smiles = [read(showing({"mouthSmile": x}))["mouthSmileLeft"] for x in (0.1, 0.3, 0.5, 0.8, 1.1)]
    assert smiles == sorted(smiles)
    assert smiles[-1] - smiles[0] > 0.5


def test_values_stay_between_none_and_all():
    wild = np.random.default_rng(0).normal(0, 0.5, (20, 478, 3)).astype(np.float32)
    values = np.stack([coefficients(mesh.canonical() + w, mesh.canonical()) for w in wild])
    assert values.min() == 0
    assert values.max() == 1


def test_to_the_left_is_not_to_the_right():
    left = read(showing({"mouthLeft": 0.7}))
    assert left["mouthLeft"] > 0.5
    assert left["mouthRight"] == 0


QUIET = RESTING
LAUGH = {"mouthSmile": 0.3, "jawOpen": 0.4}
SMILE = {"mouthSmile": 0.3}


def learned(shows: Sequence[Mapping[str, float]], start: Floats | None = None) -> Rest:
    """Show a face at 30 a second to a new memory."""
    rest = Rest()
    for i, values in enumerate(shows):
        points = showing(values) if start is None else start + showing(values) - mesh.canonical()
        rest.learn(points, i * 33 * MS)
    return rest


def test_before_the_first_sighting_rest_is_the_mean_face():
    np.testing.assert_array_equal(Rest().points, mesh.canonical())


def test_the_rest_of_a_face_that_laughs_now_and_then_is_its_quiet_face():
    rest = learned([LAUGH if (i // 30) % 4 == 0 else QUIET for i in range(240)])
    assert read(showing(LAUGH), rest.points)["mouthSmileLeft"] > 0.6
    assert max(read(showing(QUIET), rest.points).values()) < 0.15


def test_a_persons_own_shape_is_not_an_expression():
    someone = mesh.canonical() + showing({"mouthFrown": 0.5}) - mesh.canonical()
    someone[:, 1] *= 1.08
    nothing: dict[str, float] = {}
    rest = learned([nothing] * 240, start=someone.astype(np.float32))
    assert max(read(someone, rest.points).values()) < 0.12


def test_a_smile_that_is_held_stays_a_smile():
    rest = learned([QUIET] * 150 + [SMILE] * 300)
    assert read(showing(SMILE), rest.points)["mouthSmileLeft"] > 0.4


@pytest.mark.parametrize(("smile", "least"), [(SMILE, 0.35), (LAUGH, 0.15)])
def test_who_smiles_all_the_time_is_seen_to_smile(smile: dict[str, float], least: float):
    rest = learned([smile] * 300)
    assert read(showing(smile), rest.points)["mouthSmileLeft"] > least


def test_a_mouth_that_is_drawn_wide_and_hangs_is_no_smile():
    grim = {"mouthStretch": 0.6, "mouthFrown": 0.9}
    rest = learned([grim] * 150)
    assert read(showing(grim), rest.points)["mouthSmileLeft"] < 0.1


def test_who_begins_with_a_smile_is_known_in_the_end():
    rest = learned([SMILE] * 150 + [QUIET] * 1200)
    assert read(showing(SMILE), rest.points)["mouthSmileLeft"] > 0.4


def test_a_pause_teaches_nothing():
    rest = Rest()
    rest.learn(showing(), 0)
    for i in range(200):
        rest.learn(showing(), i * 33 * MS)
    before = rest.points.copy()
    rest.learn(showing({"mouthSmile": 1.0}), 3600 * 1000 * MS)
    assert np.abs(rest.points - before).max() < 0.002
