"""Reading circuits from text: gates per second beside the peers, and the worst documents."""
