"""The 478 points of a face: MediaPipe's networks on our own engines, and what surrounds them."""
