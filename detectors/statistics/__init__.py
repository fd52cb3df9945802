"""Statistics that make a list credible: funnels, shrinkage, false discovery, expected counts. Pure functions."""
