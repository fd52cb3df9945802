"""Discharge and readmission (分解住院): stays that are cut into several."""
