"""Fact confirmation sheets (事实确认表): what the record says, for an institution to confirm or contradict."""
