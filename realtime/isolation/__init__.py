"""A filter in a process of its own: one that hangs or dies takes no call with it."""
