"""The graph of a cluster: `model` builds it, `reduce` and `boxes` simplify it, `dot` and `svg` draw it."""
