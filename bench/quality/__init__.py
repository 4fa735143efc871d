"""What the edit does to a face, measured: emotion, identity, speech, stillness."""

from __future__ import annotations

from collections.abc import Sequence


def run(argv: Sequence[str]) -> int:
    """Run ``bench quality`` with ``argv``; what it needs is imported only then."""
    if "--paper" in argv:
        from bench.quality import paper

        return paper.run([word for word in argv if word != "--paper"])
    from bench.quality import command

    return command.run(argv)
