"""Activations: smooth ones (`modules`), in straight pieces (`rectifiers`), and all as `functions`."""
