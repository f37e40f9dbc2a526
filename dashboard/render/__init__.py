"""Renderers: each draws the same exhibits on another surface. Compute, then draw."""
