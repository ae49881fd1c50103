"""The shortest text that explains a logged curve, proven on every reading."""
