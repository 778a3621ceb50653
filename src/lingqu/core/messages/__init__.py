"""The message catalogue: one literal table per room, each key with its English and Chinese."""
