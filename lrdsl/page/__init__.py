"""The page that shows schedules while they are written, and the server that renews it."""
