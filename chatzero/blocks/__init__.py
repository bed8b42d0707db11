"""Tensors -> tensors: the hand-written bricks of both architectures."""
