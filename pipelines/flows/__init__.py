"""Prefect flows: thin wrappers around the steps; the only room that imports Prefect."""
