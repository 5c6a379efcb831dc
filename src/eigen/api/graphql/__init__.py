"""The GraphQL surface: the same calls of `Service`, as one bounded graph. `app.mount` adds it to the HTTP app."""
