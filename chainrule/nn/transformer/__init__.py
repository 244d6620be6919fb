"""Attention, Transformers and what they read: embeddings and positions."""
