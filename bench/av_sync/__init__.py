"""Sound in step: a clip of flashes and beeps, and how far apart they are at each sink."""
