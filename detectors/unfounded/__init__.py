"""Examinations without a reason: exact rules about one patient or stay, and patterns of departments."""
