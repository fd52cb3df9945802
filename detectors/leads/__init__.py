"""Leads: findings of one subject, grouped, scored by expected value, ranked and explained."""
