"""Programs that run on nodes. They use only the standard library, arrive on standard input and print JSON.

Each has a function `main` that takes one value and prints the response.
"""
