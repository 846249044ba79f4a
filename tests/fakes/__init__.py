"""Stand-ins of the outermost HTTP: what the platforms are for the tests."""
