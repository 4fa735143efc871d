"""A listing of an engine is read as it stands, and what is none is refused."""

from __future__ import annotations

import pytest

from engines.inspection import Port, read

LISTING = """Layers:
Name: cast_0, LayerType: kgen, Inputs: [ { Name: image, Dimensions: [1,8,8,3], \
Strides: [192,24,3,1], StrideOrder: [3,2,1,0], Datatype: UInt8, Format: (Linear) }], \
Constants: [], Outputs: [ { Name: a, Dimensions: [1,4,8,8], Strides: [256,1,32,4], \
Datatype: Half, Format: (NHWC) }], TacticName: x, StreamId: 0, Metadata: [one][two]
Name: Conv:conv_1, LayerType: correlation, Inputs: [ { Name: a, Dimensions: [1,4,8,8], \
Datatype: Half, Format: (NHWC) }], Constants: [ { Name: w, Dimensions: [6,4,3,3], \
Datatype: Half, Format: (NHWC) }, { Name: one, Dimensions: [], Datatype: Float, \
Format: (Linear) }], Outputs: [ { Name: b, Dimensions: [1,6,8,8], Datatype: Half, \
Format: (NHWC) }, { Name: found, Dimensions: [6], Datatype: Float, Format: (Linear) }], \
TacticName: y, StreamId: 0, Metadata: [three]

I/O Tensors:
 Name: image, IOMode: Input, DataType: UInt8, Dimensions: [1,8,8,3], Location: Device
 Name: found, IOMode: Output, DataType: Float, Dimensions: [6], Location: Device
"""


def test_ports_kernels_and_precisions():
    built = read(LISTING)
    assert built.inputs == (Port("image", "uint8", (1, 8, 8, 3)),)
    assert built.outputs == (Port("found", "float", (6,)),)
    first, second = built.kernels
    assert (first.kind, first.constants, first.precision) == ("kgen", (), "half")
    assert second.constants == (Port("w", "half", (6, 4, 3, 3)), Port("one", "float", ()))
    assert [str(port) for port in second.outputs] == ["b half [1, 6, 8, 8]", "found float [6]"]
    assert built.precisions() == "2 half"


@pytest.mark.parametrize(
    "text", ["", "Layers:\n", LISTING.partition("I/O")[0], LISTING.removeprefix("Layers:")]
)
def test_what_is_no_listing_is_refused(text: str):
    with pytest.raises(ValueError, match="no listing"):
        read(text)
