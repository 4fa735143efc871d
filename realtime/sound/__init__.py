"""Sound devices: a microphone on tape, and a head that plays the tape in step with the picture."""
