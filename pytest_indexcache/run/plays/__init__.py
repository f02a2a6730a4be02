"""One scenario, played once by one installer."""
