"""Recordings of a call or camera: as it came, as it was shown, and what was asked of it."""
