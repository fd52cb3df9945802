"""Examinations without a reason: no indication, wrong sex or age, too often, or an admission for their sake alone."""
