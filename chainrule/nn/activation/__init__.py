"""Activations: `modules` (smooth ones), `rectifiers` (in straight pieces), and all as `functions`."""
