"""Printing a solved paper."""
