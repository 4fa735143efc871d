"""A real browser in a real call: what its camera films, how it is driven, what it measures."""
