"""References that share no code with lrdsl, and the one comparison that all of them go through."""
