"""What a file says of its edit is read back as it was written, whatever stands beside it."""

from __future__ import annotations

import xml.etree.ElementTree as tree

import pytest

from realtime.provenance import SOURCE_TYPE, TRAINED, Statement, as_words, stated
from realtime.types import Edit, Emotion

SAD = Statement.of(Edit(Emotion.SAD, 0.5))


@pytest.mark.parametrize("around", ["{}", "Our holiday {}", "\x00\x00{}\nfilmed by Ada {{1}}"])
def test_it_is_found_among_other_words(around: str) -> None:
    assert stated(around.format(SAD.as_text())) == SAD


@pytest.mark.parametrize(
    "text", ["", "Edited by hand", "Edited by visavis {", "Edited by visavis [1]", '{"a": 1', "[]"]
)
def test_what_is_none_is_none(text: str) -> None:
    assert stated(text) is None


def test_the_words_are_only_what_was_asked_for() -> None:
    assert "affect" not in as_words(Edit(Emotion.HAPPY))
    assert "coefficients" not in as_words(Edit(Emotion.HAPPY))
    assert as_words(Edit(coefficients=(("jawOpen", 0.5),)))["coefficients"] == {"jawOpen": 0.5}


def test_photograph_programs_find_the_iptc_term() -> None:
    packet = SAD.as_xmp().decode().lstrip("\ufeff")
    root = tree.fromstring(packet[packet.index("<x:") : packet.index("<?xpacket end")])
    description = root[0][0]
    extension = "{http://iptc.org/std/Iptc4xmpExt/2008-02-29/}DigitalSourceType"
    assert description.attrib[extension] == SOURCE_TYPE
    assert "facial expression" in "".join(description.itertext())


def test_the_part_of_a_network_is_said_and_read_back() -> None:
    made = Statement.of(Edit(Emotion.SAD, 0.5), network="wav2lip-emotion")
    assert stated(made.as_text()) == made
    assert "network" not in made.edit
    assert TRAINED.encode() in made.as_xmp()
    assert SOURCE_TYPE.encode() not in made.as_xmp()
    assert '"network": "wav2lip-emotion"' in made.as_text()
    assert "network" not in SAD.as_text()
