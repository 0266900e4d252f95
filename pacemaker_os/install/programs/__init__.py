"""Programs that run on nodes: standard library alone, sent over standard input, answering in JSON.

Each has a function `main` that takes one value and prints its answer.
"""
