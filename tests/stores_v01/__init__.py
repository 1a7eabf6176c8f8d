"""One of each store as version 0.1.0 wrote it: see README.md beside this file."""
