"""Environments: what a policy acts in, opened by name, watched, and played in worker processes."""
