"""Others on the same entries and the same questions, in the same run."""
