"""Reports: code that renders results, and uses no data except those results."""
