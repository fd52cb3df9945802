"""Detectors of charging (收费): what was charged against the rules that the lists of items carry."""
