"""How a face moves: ARKit's 52 coefficients as displacements of the mesh.

Each coefficient is authored as *handles*: what a few points do at strength 1, in units of the
distance between the eyes, for the subject's right side. The rest of the mesh follows by a
polyharmonic spline through the handles and through anchors that stay where they are: the eyes,
the nose, the outline. That keeps an edit narrow: a smile does not bend a nostril or a lens.

The natural size of each movement follows the Facial Action Coding System (Ekman, Friesen and
Hager, 2002); the action unit is named beside each shape.
"""

from __future__ import annotations

from collections.abc import Mapping
from functools import cache

import numpy as np
from numpy.typing import NDArray

from realtime.face import mesh
from realtime.types import Floats

ARKIT = (
    "browDownLeft", "browDownRight", "browInnerUp", "browOuterUpLeft", "browOuterUpRight",
    "cheekPuff", "cheekSquintLeft", "cheekSquintRight",
    "eyeBlinkLeft", "eyeBlinkRight", "eyeLookDownLeft", "eyeLookDownRight", "eyeLookInLeft",
    "eyeLookInRight", "eyeLookOutLeft", "eyeLookOutRight", "eyeLookUpLeft", "eyeLookUpRight",
    "eyeSquintLeft", "eyeSquintRight", "eyeWideLeft", "eyeWideRight",
    "jawForward", "jawLeft", "jawOpen", "jawRight",
    "mouthClose", "mouthDimpleLeft", "mouthDimpleRight", "mouthFrownLeft", "mouthFrownRight",
    "mouthFunnel", "mouthLeft", "mouthLowerDownLeft", "mouthLowerDownRight", "mouthPressLeft",
    "mouthPressRight", "mouthPucker", "mouthRight", "mouthRollLower", "mouthRollUpper",
    "mouthShrugLower", "mouthShrugUpper", "mouthSmileLeft", "mouthSmileRight",
    "mouthStretchLeft", "mouthStretchRight", "mouthUpperUpLeft", "mouthUpperUpRight",
    "noseSneerLeft", "noseSneerRight", "tongueOut",
)  # fmt: skip
"""The names and the order that other tools use; left and right are the subject's own."""

INDEX = {name: i for i, name in enumerate(ARKIT)}


def stem(name: str) -> str:
    """Return a coefficient's name without its side."""
    return name.removesuffix("Left").removesuffix("Right")


def both(name: str) -> list[int]:
    """Return where a coefficient lives: itself, or its left and right."""
    return [INDEX[name]] if name in INDEX else [INDEX[name + "Left"], INDEX[name + "Right"]]


Handles = Mapping[int, tuple[float, float]]

# Handles: point -> (outwards, up), both sides by mirror; midline points take only `up`.
BROW_DOWN: Handles = {  # AU4
    107: (-0.040, -0.085), 66: (-0.035, -0.100), 105: (-0.020, -0.095), 63: (-0.005, -0.065),
    70: (0.0, -0.030), 55: (-0.045, -0.085), 65: (-0.035, -0.095), 52: (-0.020, -0.085),
    53: (-0.005, -0.055), 46: (0.0, -0.025), 9: (0.0, -0.045), 8: (0.0, -0.040),
    69: (-0.010, -0.035), 104: (0.0, -0.030), 108: (-0.010, -0.030), 168: (0.0, -0.012),
    221: (-0.02, -0.050), 222: (-0.01, -0.060), 223: (-0.01, -0.055), 224: (0.0, -0.040),
    193: (-0.02, -0.035),
}  # fmt: skip
BROW_INNER_UP: Handles = {  # AU1
    107: (-0.004, 0.100), 66: (0.0, 0.080), 105: (0.0, 0.034), 63: (0.0, 0.006),
    55: (-0.004, 0.092), 65: (0.0, 0.068), 52: (0.0, 0.030), 9: (0.0, 0.060), 8: (0.0, 0.035),
    151: (0.0, 0.040), 108: (0.0, 0.066), 69: (0.0, 0.055), 104: (0.0, 0.024),
    221: (0.0, 0.050), 222: (0.0, 0.030), 193: (0.0, 0.028), 70: (0.0, 0.0), 46: (0.0, 0.0),
}  # fmt: skip
BROW_OUTER_UP: Handles = {  # AU2
    70: (0.010, 0.075), 63: (0.008, 0.100), 105: (0.004, 0.095), 66: (0.0, 0.050),
    107: (0.0, 0.015), 46: (0.008, 0.065), 53: (0.006, 0.085), 52: (0.004, 0.080),
    65: (0.0, 0.040), 55: (0.0, 0.010), 104: (0.0, 0.060), 68: (0.0, 0.050), 71: (0.0, 0.030),
    69: (0.0, 0.030), 222: (0.0, 0.035), 223: (0.0, 0.045), 224: (0.0, 0.045), 225: (0.0, 0.030),
    9: (0.0, 0.0),
}  # fmt: skip
CHEEK_SQUINT: Handles = {  # AU6
    117: (0.0, 0.042), 118: (0.0, 0.050), 119: (0.0, 0.042), 50: (0.012, 0.062),
    101: (0.004, 0.055), 36: (0.004, 0.046), 205: (0.014, 0.055), 123: (0.008, 0.040),
    116: (0.0, 0.030), 187: (0.014, 0.040), 228: (0.0, 0.022), 229: (0.0, 0.028),
    230: (0.0, 0.028), 231: (0.0, 0.022), 23: (0.0, 0.016), 24: (0.0, 0.014), 22: (0.0, 0.014),
    145: (0.0, 0.012), 144: (0.0, 0.010), 153: (0.0, 0.010), 163: (0.0, 0.006),
    154: (0.0, 0.006),
}  # fmt: skip
EYE_BLINK: Handles = {  # AU43
    159: (0.0, -0.120), 158: (0.0, -0.110), 160: (0.0, -0.110), 157: (0.0, -0.080),
    161: (0.0, -0.080), 173: (0.0, -0.035), 246: (0.0, -0.040), 27: (0.0, -0.050),
    28: (0.0, -0.045), 29: (0.0, -0.045), 30: (0.0, -0.030), 56: (0.0, -0.025),
}  # fmt: skip
EYE_SQUINT: Handles = {  # AU7
    145: (0.0, 0.026), 144: (0.0, 0.023), 153: (0.0, 0.023), 163: (0.0, 0.014),
    154: (0.0, 0.014), 23: (0.0, 0.022), 24: (0.0, 0.018), 22: (0.0, 0.018), 229: (0.0, 0.016),
    230: (0.0, 0.016), 228: (0.0, 0.010), 231: (0.0, 0.010), 159: (0.0, -0.014),
    158: (0.0, -0.012), 160: (0.0, -0.012), 27: (0.0, -0.010),
}  # fmt: skip
EYE_WIDE: Handles = {  # AU5
    159: (0.0, 0.036), 158: (0.0, 0.034), 160: (0.0, 0.034), 157: (0.0, 0.024),
    161: (0.0, 0.026), 173: (0.0, 0.010), 246: (0.0, 0.012), 27: (0.0, 0.030),
    28: (0.0, 0.026), 29: (0.0, 0.028), 30: (0.0, 0.020), 56: (0.0, 0.018), 223: (0.0, 0.016),
    222: (0.0, 0.016), 145: (0.0, -0.010), 144: (0.0, -0.009), 153: (0.0, -0.009),
    23: (0.0, -0.008),
}  # fmt: skip
MOUTH_SMILE: Handles = {  # AU12
    61: (0.063, 0.100), 78: (0.059, 0.094), 185: (0.046, 0.066), 40: (0.028, 0.034),
    39: (0.014, 0.014), 37: (0.006, 0.004), 0: (0.0, 0.0), 146: (0.046, 0.066),
    91: (0.031, 0.036), 181: (0.017, 0.014), 84: (0.007, 0.004), 17: (0.0, 0.0),
    191: (0.046, 0.062), 80: (0.029, 0.034), 81: (0.014, 0.014), 82: (0.006, 0.004),
    13: (0.0, 0.0), 95: (0.046, 0.062), 88: (0.031, 0.036), 178: (0.017, 0.014),
    87: (0.007, 0.004), 14: (0.0, 0.0), 57: (0.056, 0.086), 43: (0.042, 0.058),
    216: (0.042, 0.072), 212: (0.042, 0.060), 207: (0.032, 0.056), 206: (0.024, 0.046),
    205: (0.021, 0.048), 187: (0.025, 0.048), 50: (0.011, 0.036), 165: (0.021, 0.026),
    92: (0.024, 0.034), 186: (0.038, 0.060), 214: (0.024, 0.034), 192: (0.021, 0.030),
    210: (0.014, 0.014), 202: (0.021, 0.024), 204: (0.018, 0.018), 203: (0.010, 0.020),
    36: (0.007, 0.022), 101: (0.006, 0.022), 123: (0.010, 0.024), 147: (0.013, 0.022),
}  # fmt: skip
MOUTH_FROWN: Handles = {  # AU15
    61: (0.014, -0.085), 78: (0.012, -0.076), 185: (0.010, -0.052), 40: (0.006, -0.024),
    39: (0.002, -0.008), 146: (0.014, -0.058), 91: (0.008, -0.030), 181: (0.004, -0.010),
    0: (0.0, 0.0), 17: (0.0, 0.0), 13: (0.0, 0.0), 14: (0.0, 0.0), 191: (0.010, -0.050),
    80: (0.006, -0.022), 95: (0.010, -0.050), 88: (0.006, -0.024), 57: (0.016, -0.078),
    43: (0.016, -0.070), 212: (0.012, -0.060), 216: (0.008, -0.050), 202: (0.014, -0.050),
    204: (0.012, -0.040), 186: (0.008, -0.048), 206: (0.004, -0.020), 207: (0.006, -0.026),
    210: (0.008, -0.026), 214: (0.006, -0.030),
}  # fmt: skip
MOUTH_STRETCH: Handles = {  # AU20
    61: (0.110, -0.030), 78: (0.100, -0.028), 185: (0.080, -0.020), 40: (0.050, -0.010),
    39: (0.024, -0.004), 146: (0.084, -0.030), 91: (0.056, -0.022), 181: (0.028, -0.012),
    191: (0.078, -0.020), 80: (0.048, -0.010), 95: (0.080, -0.026), 88: (0.052, -0.020),
    57: (0.094, -0.030), 43: (0.080, -0.030), 212: (0.070, -0.024), 202: (0.050, -0.026),
    214: (0.040, -0.014), 207: (0.036, -0.010), 0: (0.0, 0.0), 17: (0.0, -0.006),
    204: (0.050, -0.026), 210: (0.030, -0.016), 216: (0.060, -0.010),
}  # fmt: skip
MOUTH_DIMPLE: Handles = {  # AU14
    61: (0.070, 0.030), 78: (0.062, 0.028), 185: (0.050, 0.020), 146: (0.050, 0.020),
    40: (0.028, 0.010), 91: (0.028, 0.010), 57: (0.060, 0.026), 43: (0.048, 0.018),
    216: (0.036, 0.022), 212: (0.036, 0.018), 207: (0.022, 0.012), 0: (0.0, 0.0), 17: (0.0, 0.0),
    191: (0.048, 0.020), 95: (0.048, 0.020), 186: (0.034, 0.020),
}  # fmt: skip
MOUTH_PRESS: Handles = {  # AU24: the red of the lips narrows; the seam stays
    0: (0.0, -0.024), 37: (0.0, -0.026), 39: (0.0, -0.026), 40: (0.0, -0.020),
    185: (0.0, -0.008), 17: (0.0, 0.028), 84: (0.0, 0.028), 181: (0.0, 0.026),
    91: (0.0, 0.020), 146: (0.0, 0.008), 61: (-0.012, 0.0), 13: (0.0, 0.0), 14: (0.0, 0.0),
    78: (-0.010, 0.0), 82: (0.0, 0.0), 87: (0.0, 0.0), 81: (0.0, 0.0), 178: (0.0, 0.0),
    80: (0.0, 0.0), 88: (0.0, 0.0), 191: (0.0, 0.0), 95: (0.0, 0.0),
}  # fmt: skip
MOUTH_UPPER_UP: Handles = {  # AU10
    0: (0.0, 0.044), 37: (0.0, 0.047), 39: (0.0, 0.048), 40: (0.004, 0.040),
    185: (0.004, 0.020), 61: (0.0, 0.002), 13: (0.0, 0.040), 82: (0.0, 0.042),
    81: (0.0, 0.041), 80: (0.002, 0.032), 191: (0.002, 0.016), 165: (0.006, 0.044),
    92: (0.006, 0.046), 167: (0.0, 0.040), 164: (0.0, 0.026), 206: (0.010, 0.044),
    203: (0.010, 0.040), 98: (0.006, 0.016), 205: (0.008, 0.026), 186: (0.004, 0.024),
    14: (0.0, 0.0), 17: (0.0, 0.0), 2: (0.0, 0.004), 97: (0.0, 0.010),
}  # fmt: skip
MOUTH_LOWER_DOWN: Handles = {  # AU16
    17: (0.0, -0.045), 84: (0.0, -0.050), 181: (0.004, -0.050), 91: (0.004, -0.034),
    146: (0.002, -0.014), 14: (0.0, -0.045), 87: (0.0, -0.048), 178: (0.002, -0.046),
    88: (0.002, -0.030), 13: (0.0, 0.0), 18: (0.0, -0.034), 200: (0.0, -0.014),
    61: (0.0, 0.0), 82: (0.0, 0.0), 81: (0.0, 0.0), 80: (0.0, 0.0),
}  # fmt: skip
NOSE_SNEER: Handles = {  # AU9
    48: (0.006, 0.046), 64: (0.010, 0.046), 98: (0.008, 0.040), 49: (0.004, 0.046),
    131: (0.002, 0.044), 198: (0.0, 0.042), 126: (0.002, 0.040), 142: (0.002, 0.036),
    129: (0.006, 0.046), 203: (0.012, 0.052), 36: (0.006, 0.042), 206: (0.012, 0.050),
    205: (0.008, 0.034), 165: (0.006, 0.044), 92: (0.006, 0.042), 39: (0.0, 0.034),
    40: (0.004, 0.026), 37: (0.0, 0.032), 0: (0.0, 0.028), 167: (0.0, 0.036), 97: (0.0, 0.020),
    2: (0.0, 0.008), 107: (-0.016, -0.046), 55: (-0.018, -0.044), 66: (-0.012, -0.044),
    65: (-0.012, -0.040), 9: (0.0, -0.030), 8: (0.0, -0.026), 193: (-0.008, -0.020),
    101: (0.002, 0.032), 119: (0.0, 0.018), 100: (0.0, 0.030), 230: (0.0, 0.010),
    61: (0.0, 0.0), 14: (0.0, 0.0), 17: (0.0, 0.0), 13: (0.0, 0.020), 82: (0.0, 0.022),
    81: (0.0, 0.022), 80: (0.0, 0.016), 105: (0.0, -0.026),
}  # fmt: skip
SHRUG_LOWER: Handles = {  # AU17
    17: (0.0, 0.055), 84: (0.0, 0.052), 181: (0.0, 0.042), 91: (0.0, 0.024), 146: (0.0, 0.008),
    14: (0.0, 0.040), 87: (0.0, 0.038), 178: (0.0, 0.030), 88: (0.0, 0.018), 18: (0.0, 0.065),
    200: (0.0, 0.060), 199: (0.0, 0.045), 175: (0.0, 0.025), 152: (0.0, 0.006),
    13: (0.0, 0.030), 82: (0.0, 0.028), 81: (0.0, 0.022), 80: (0.0, 0.014), 0: (0.0, 0.024),
    37: (0.0, 0.022), 61: (0.0, -0.010), 201: (0.0, 0.050), 83: (0.0, 0.058), 182: (0.0, 0.044),
    208: (0.0, 0.032), 194: (0.0, 0.040),
}  # fmt: skip
SHRUG_UPPER: Handles = {
    0: (0.0, 0.026), 37: (0.0, 0.026), 39: (0.0, 0.020), 40: (0.0, 0.010), 13: (0.0, 0.020),
    82: (0.0, 0.020), 81: (0.0, 0.014), 80: (0.0, 0.008), 61: (0.0, 0.0), 14: (0.0, 0.010),
    17: (0.0, 0.0), 164: (0.0, 0.014),
}  # fmt: skip
JAW_OPEN: Handles = {  # AU26, AU27
    17: (0.0, -0.300), 84: (0.0, -0.295), 181: (-0.010, -0.270), 91: (-0.034, -0.190),
    146: (-0.050, -0.110), 14: (0.0, -0.290), 87: (0.0, -0.280), 178: (-0.008, -0.250),
    88: (-0.032, -0.180), 95: (-0.050, -0.110), 61: (-0.080, -0.070), 78: (-0.074, -0.070),
    13: (0.0, -0.010), 0: (0.0, -0.006), 82: (0.0, -0.010), 81: (-0.006, -0.016),
    80: (-0.026, -0.030), 191: (-0.054, -0.052), 37: (0.0, -0.006), 39: (-0.004, -0.012),
    40: (-0.026, -0.026), 185: (-0.058, -0.050), 18: (0.0, -0.300), 200: (0.0, -0.300),
    199: (0.0, -0.300), 175: (0.0, -0.300), 152: (0.0, -0.290), 148: (-0.01, -0.280),
    176: (-0.01, -0.250), 149: (-0.01, -0.210), 150: (-0.01, -0.160), 136: (-0.01, -0.110),
    172: (-0.005, -0.060), 58: (0.0, -0.020), 43: (-0.024, -0.190), 212: (-0.020, -0.110),
    214: (-0.010, -0.090), 204: (-0.020, -0.210), 210: (-0.010, -0.160), 207: (-0.008, -0.040),
}  # fmt: skip
FUNNEL: Handles = {  # AU22
    61: (-0.080, 0.0), 78: (-0.070, 0.0), 0: (0.0, 0.040), 37: (0.0, 0.038), 39: (-0.014, 0.030),
    40: (-0.040, 0.020), 185: (-0.064, 0.008), 17: (0.0, -0.044), 84: (0.0, -0.042),
    181: (-0.014, -0.034), 91: (-0.040, -0.020), 146: (-0.064, -0.008), 13: (0.0, 0.020),
    14: (0.0, -0.020),
}  # fmt: skip
PUCKER: Handles = {  # AU18
    61: (-0.120, 0.0), 78: (-0.105, 0.0), 185: (-0.095, 0.006), 40: (-0.062, 0.010),
    39: (-0.026, 0.012), 37: (-0.008, 0.012), 0: (0.0, 0.012), 146: (-0.095, -0.006),
    91: (-0.062, -0.012), 181: (-0.026, -0.014), 84: (-0.008, -0.014), 17: (0.0, -0.014),
    13: (0.0, 0.0), 14: (0.0, 0.0), 191: (-0.080, 0.0), 80: (-0.050, 0.0), 95: (-0.080, 0.0),
    88: (-0.050, 0.0), 212: (-0.050, 0.0), 216: (-0.050, 0.0), 207: (-0.026, 0.0),
}  # fmt: skip
ROLL_UPPER: Handles = {
    0: (0.0, -0.036), 37: (0.0, -0.036), 39: (0.0, -0.030), 40: (0.0, -0.018), 13: (0.0, 0.0),
    82: (0.0, 0.0), 81: (0.0, 0.0), 61: (0.0, 0.0), 14: (0.0, 0.0),
}  # fmt: skip
ROLL_LOWER: Handles = {  # AU28
    17: (0.0, 0.040), 84: (0.0, 0.040), 181: (0.0, 0.034), 91: (0.0, 0.022), 14: (0.0, 0.0),
    87: (0.0, 0.0), 178: (0.0, 0.0), 61: (0.0, 0.0), 13: (0.0, 0.0),
}  # fmt: skip
CLOSE: Handles = {
    14: (0.0, 0.060), 87: (0.0, 0.058), 178: (0.0, 0.050), 17: (0.0, 0.055), 84: (0.0, 0.052),
    181: (0.0, 0.044), 13: (0.0, -0.010), 61: (0.0, 0.0),
}  # fmt: skip
PUFF: Handles = {
    207: (0.050, 0.0), 187: (0.050, 0.0), 147: (0.050, 0.0), 205: (0.030, 0.0), 213: (0.050, 0.0),
    192: (0.050, 0.0), 214: (0.045, 0.0), 61: (-0.010, 0.0),
}  # fmt: skip

# The lower face from the nose down moves as one: (outwards is the subject's right) for these.
SIDEWAYS_JAW = (17, 84, 181, 91, 14, 87, 178, 18, 200, 199, 175, 152, 148, 176, 149, 204, 43)
SIDEWAYS_MOUTH = (61, 78, 185, 40, 39, 37, 0, 146, 91, 181, 84, 17, 13, 14, 81, 82, 87, 178)

PAIRED: Mapping[str, Handles] = {
    "browDown": BROW_DOWN,
    "browOuterUp": BROW_OUTER_UP,
    "cheekSquint": CHEEK_SQUINT,
    "eyeBlink": EYE_BLINK,
    "eyeSquint": EYE_SQUINT,
    "eyeWide": EYE_WIDE,
    "mouthDimple": MOUTH_DIMPLE,
    "mouthFrown": MOUTH_FROWN,
    "mouthLowerDown": MOUTH_LOWER_DOWN,
    "mouthPress": MOUTH_PRESS,
    "mouthSmile": MOUTH_SMILE,
    "mouthStretch": MOUTH_STRETCH,
    "mouthUpperUp": MOUTH_UPPER_UP,
    "noseSneer": NOSE_SNEER,
}
MIDLINE: Mapping[str, Handles] = {
    "browInnerUp": BROW_INNER_UP,
    "cheekPuff": PUFF,
    "jawOpen": JAW_OPEN,
    "mouthClose": CLOSE,
    "mouthFunnel": FUNNEL,
    "mouthPucker": PUCKER,
    "mouthRollLower": ROLL_LOWER,
    "mouthRollUpper": ROLL_UPPER,
    "mouthShrugLower": SHRUG_LOWER,
    "mouthShrugUpper": SHRUG_UPPER,
}

ANCHORS = (
    *mesh.OVAL, *mesh.RIGHT_EYE, *mesh.LEFT_EYE, *mesh.IRISES,
    168, 6, 197, 195, 5, 4, 1, 2, 98, 327, 97, 326, 48, 278, 64, 294, 115, 344, 220, 440,
    122, 351, 188, 412, 130, 359, 226, 446, 113, 342, 234, 454, 93, 323,
)  # fmt: skip
"""Points that stay unless a shape takes hold of them."""


@cache
def displacements() -> Floats:
    """Return [52, 478, 3]: what each coefficient at 1 adds to the canonical mesh, x right, y down.

    In units of the distance between the eyes. Gaze, jawForward and tongueOut move no point of
    the mesh and are zero here.
    """
    out = np.zeros((len(ARKIT), mesh.POINTS, 3), np.float32)
    for name, handles in PAIRED.items():
        both = _spread(_mirrored(handles))
        left = _side_weight()[:, None]
        out[INDEX[name + "Left"], :, :2] = both * left
        out[INDEX[name + "Right"], :, :2] = both * (1 - left)
    for name, handles in MIDLINE.items():
        out[INDEX[name], :, :2] = _spread(_mirrored(handles))
    for name, points in (("jaw", SIDEWAYS_JAW), ("mouth", SIDEWAYS_MOUTH)):
        shift = _spread({p: (0.08, 0.0) for q in points for p in (q, int(mesh.MIRROR[q]))})
        out[INDEX[name + "Left"], :, :2] = shift
        out[INDEX[name + "Right"], :, :2] = -shift
    return out


def _mirrored(handles: Handles) -> dict[int, tuple[float, float]]:
    """Turn (outwards, up) of the right side into (x, y) of both sides."""
    out: dict[int, tuple[float, float]] = {}
    for point, (outwards, up) in handles.items():
        twin = int(mesh.MIRROR[point])
        out[point] = (0.0 if twin == point else -outwards, -up)
        out[twin] = (0.0 if twin == point else outwards, -up)
    return out


def _spread(handles: Mapping[int, tuple[float, float]]) -> NDArray[np.float64]:
    """Interpolate handles over the whole mesh; [478, 2]."""
    moved = list(handles)
    fixed = [p for p in dict.fromkeys(ANCHORS) if p not in handles]
    known = np.array(moved + fixed)
    value = np.zeros((len(known), 2))
    value[: len(moved)] = [handles[p] for p in moved]
    flat = mesh.canonical()[:, :2].astype(np.float64)
    gram = _kernel(flat[known], flat[known])
    gram[np.diag_indices_from(gram)] += 1e-4
    return _kernel(flat, flat[known]) @ np.linalg.solve(gram, value)


def _kernel(a: NDArray[np.float64], b: NDArray[np.float64]) -> NDArray[np.float64]:
    """A Wendland C2 kernel: smooth, positive definite, and zero beyond its reach."""
    r = np.linalg.norm(a[:, None] - b[None], axis=2) / REACH
    return np.where(r < 1, (1 - r) ** 4 * (4 * r + 1), 0.0)


REACH = 0.8
"""How far a handle can be felt, in eye distances, where no anchor stands between."""


def _side_weight() -> NDArray[np.float64]:
    """Share of a movement that belongs to the subject's left: 0, 1, and a soft step between."""
    x = mesh.canonical()[:, 0].astype(np.float64)
    return np.clip(0.5 + x / 0.24, 0.0, 1.0)
