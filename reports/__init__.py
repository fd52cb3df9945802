"""What a person reads and decides on: components, charts, evidence pages, lists, statistics, review."""
