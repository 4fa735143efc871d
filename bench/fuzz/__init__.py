"""Harm done on purpose: offers, messages and files that nobody should send."""
