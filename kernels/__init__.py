"""Fused pixel operations: what each means (``reference``) and how the CPU does it (``cpu``)."""
