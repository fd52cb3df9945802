"""The run report: what was found, out of how much, what could not be looked at, and what it all rests on."""
