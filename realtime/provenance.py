"""What an edited file says of itself: for people a sentence, for programs JSON and IPTC's term.

IPTC's list of digital source types has no word for an expression that was changed. What fits best
is "algorithmicallyEnhanced", *algorithmically-altered media*, set going by a human. Where a trained
network had a part in the face it is "compositeWithTrainedAlgorithmicMedia", *edited using
generative AI*. The sentence beside it says what was done.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import asdict, dataclass, field
from importlib.metadata import PackageNotFoundError, version
from typing import cast
from xml.sax.saxutils import escape, quoteattr

from realtime.types import Edit

SENTENCE = "Edited by visavis"
SOURCE_TYPE = "http://cv.iptc.org/newscodes/digitalsourcetype/algorithmicallyEnhanced"
TRAINED = "http://cv.iptc.org/newscodes/digitalsourcetype/compositeWithTrainedAlgorithmicMedia"


@dataclass(frozen=True, slots=True)
class Statement:
    """What was done, as it stands in a file.

    Attributes:
        edit: the words of the edit, as JSON has them.
        generator: the program and its version.
        network: the network that had a part in it, or nothing.
    """

    edit: Mapping[str, object] = field(default_factory=dict[str, object])
    generator: str = ""
    network: str = ""

    @classmethod
    def of(
        cls, edit: Edit, voice: Mapping[str, object] | None = None, network: str = ""
    ) -> Statement:
        """Return the statement for ``edit``, by this very version.

        ``voice`` says in words how the face follows the voice, if it does.
        """
        words = as_words(edit)
        whole = words if voice is None else words | {"voice": dict(voice)}
        return cls(whole, generator(), network)

    @property
    def source_type(self) -> str:
        """IPTC's term for where such a picture comes from."""
        return TRAINED if self.network else SOURCE_TYPE

    def as_json(self) -> str:
        """Return it for programs."""
        words = {"generator": self.generator, "digitalSourceType": self.source_type}
        part = {"network": self.network} if self.network else {}
        return json.dumps(dict(self.edit) | words | part)

    def as_text(self) -> str:
        """Return it for people and programs alike: a sentence, then JSON."""
        return f"{SENTENCE} {self.as_json()}"

    def as_xmp(self) -> bytes:
        """Return it as an XMP packet, where programs for photographs look."""
        return XMP.format(
            source=quoteattr(self.source_type),
            tool=quoteattr(self.generator),
            text=escape(f"{SENTENCE}: the facial expression was changed. {self.as_json()}"),
        ).encode()


def stated(text: str) -> Statement | None:
    """Return the statement in ``text``, which may hold anything else too."""
    begin = text.find(f"{SENTENCE} {{")
    start = 0 if text.startswith("{") else begin + len(SENTENCE) + 1
    if begin < 0 and start:
        return None
    try:
        found: object = json.JSONDecoder().raw_decode(text[start:])[0]
    except ValueError:
        return None
    if not isinstance(found, dict):
        return None
    words = cast("dict[str, object]", found)
    made_by = str(words.pop("generator", ""))
    network = str(words.pop("network", ""))
    words.pop("digitalSourceType", None)
    return Statement(words, made_by, network)


def as_words(edit: Edit) -> dict[str, object]:
    """Return ``edit`` for JSON; what is not asked for is left out."""
    words = {name: value for name, value in asdict(edit).items() if value not in (None, ())}
    if edit.emotion is not None:
        words["emotion"] = edit.emotion.value
    if edit.coefficients:
        words["coefficients"] = dict(edit.coefficients)
    return words


def generator() -> str:
    """Return the program's name and version."""
    try:
        return f"visavis {version('visavis')}"
    except PackageNotFoundError:
        return "visavis"


XMP = """<?xpacket begin="\ufeff" id="W5M0MpCehiHzreSzNTczkc9d"?>
<x:xmpmeta xmlns:x="adobe:ns:meta/">
 <rdf:RDF xmlns:rdf="http://www.w3.org/1999/02/22-rdf-syntax-ns#">
  <rdf:Description rdf:about=""
    xmlns:Iptc4xmpExt="http://iptc.org/std/Iptc4xmpExt/2008-02-29/"
    xmlns:xmp="http://ns.adobe.com/xap/1.0/"
    xmlns:dc="http://purl.org/dc/elements/1.1/"
    Iptc4xmpExt:DigitalSourceType={source}
    xmp:CreatorTool={tool}>
   <dc:description><rdf:Alt><rdf:li xml:lang="x-default">{text}</rdf:li></rdf:Alt></dc:description>
  </rdf:Description>
 </rdf:RDF>
</x:xmpmeta>
<?xpacket end="w"?>"""
