"""The core: tensors and nodes, the contract of an op, graphs, capture and derivatives."""
