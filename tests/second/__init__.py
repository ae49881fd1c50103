"""A second reading of the language, from its pages alone, compared on random programs."""
