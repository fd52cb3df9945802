"""One evidence page a lead: what happened, why it may be justified, why it was flagged, and what it rests on."""
