"""One module for each run-time library, imported only when it is chosen."""
