"""A cluster drawn: `model` says what there is, `reduce` and `boxes` make it few, `dot` and `svg` draw it."""
