"""What may leave the house: pages with persons masked, and summaries in which no small number can be worked out."""
