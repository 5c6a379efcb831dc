"""A job of several jobs: its steps, what flows between them, and how job.yaml says it."""
