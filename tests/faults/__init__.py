"""Breaks things on purpose, and shows that the delivery contract (docs/delivery.md) holds."""
