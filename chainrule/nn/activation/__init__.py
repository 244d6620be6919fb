"""Activations: smooth ones (`modules`), in straight pieces (`rectifiers`), all as `functions`."""
