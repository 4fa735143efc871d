"""Sound is decoded where it arrives: to wake a thread for it costs several times what it takes."""

from __future__ import annotations

import logging
import queue
from typing import Any, cast

from aiortc import RTCRtpReceiver
from aiortc.codecs import get_decoder
from aiortc.codecs.base import Decoder
from aiortc.jitterbuffer import JitterFrame
from aiortc.mediastreams import MediaStreamTrack
from aiortc.rtcrtpparameters import RTCRtpCodecParameters
from av.error import FFmpegError

from realtime.server.repair import QUEUE

logger = logging.getLogger(__name__)

DECODED = "_queue"
"""Where a track of aiortc's takes what was decoded from; a test watches the names."""


class AtOnce(queue.Queue["Any"]):
    """Stands where aiortc's decoder thread takes its work from, and does it instead.

    Opus takes 0.03 ms for 20 ms of sound. Belongs to the event loop, where packets arrive; the
    thread sees nothing of it but the end.
    """

    def __init__(self, track: MediaStreamTrack) -> None:
        super().__init__()
        self._decoded: Any = vars(track)[DECODED]
        self._codec = ""
        self._decoder: Decoder | None = None

    def put(self, item: Any, block: bool = True, timeout: float | None = None) -> None:
        """Decode ``item``; None, the end, is passed on."""
        if item is None:
            super().put(item, block, timeout)
            return
        codec, packet = cast("tuple[RTCRtpCodecParameters, JitterFrame]", item)
        if self._decoder is None or codec.name != self._codec:
            self._codec, self._decoder = codec.name, get_decoder(codec)
        try:
            for frame in self._decoder.decode(packet):
                self._decoded.put_nowait(frame)
        except FFmpegError as error:
            logger.warning("a packet of sound could not be decoded: %s", error)


def decode_at_once(receiver: RTCRtpReceiver) -> None:
    """Let sound be decoded as it arrives; call it before ``receiver`` begins to receive."""
    track = cast("MediaStreamTrack | None", receiver.track)
    if track is not None:  # whoever only watches sends none
        setattr(receiver, QUEUE, AtOnce(track))
