"""Images and signals made larger or smaller."""
