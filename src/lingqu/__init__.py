"""Lingqu 灵渠: one short file carries a model from raw data to real use, and keeps it safe there."""

__version__ = "0.1.0"
