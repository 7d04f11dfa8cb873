"""Cancellation of running process instances.

`operation` does it for a list, on the trees that `on_trees` changes and `saving` saves; `hand_over` lets the Java
engine do it.
"""
