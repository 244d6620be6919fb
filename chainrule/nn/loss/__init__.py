"""Losses, as modules and as functions; those that ask for a margin apart."""
