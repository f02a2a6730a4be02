"""The whole reference installer, run against fake indexes."""
