"""Pooling: over `windows`, `adaptive` to a size, by `power` means, and back (`unpooling`)."""
