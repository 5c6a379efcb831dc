"""The REST surface: HTTP and JSON to calls of `Service` and back. `app.make_app` builds it, `server.serve_http` runs it."""
