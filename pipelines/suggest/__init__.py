"""Proposals for an analyst: which item of the pack a local item is, which national department a local one is."""
