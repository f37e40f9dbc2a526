"""Exports in: contract, read, check, publish. Knows nothing of screens."""
