"""The operations of ``reference`` for a GPU, on torch's tensors; one file for each.

Nothing is imported before it is asked for: Triton and torch are not in every install.
"""
