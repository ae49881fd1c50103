"""What a text says, for whatever shows it: the command line, editors, pages and notebooks."""
