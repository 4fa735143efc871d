"""Calls over a bad network: packets lost, late, out of order, or none at all for a while."""
