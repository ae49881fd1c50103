"""A log beside the schedule that its run should have followed."""
