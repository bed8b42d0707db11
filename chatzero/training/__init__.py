"""Batches -> a better model."""
