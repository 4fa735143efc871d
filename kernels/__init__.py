"""Fused operations on pixels and sound, each of them several times over.

``reference`` says in plain numpy what an operation means. ``cpu`` does the same quickly and without
new memory for each frame, ``triton`` on a GPU. The names and the arguments are the same in all.
"""
