"""The reference installer as a whole, against fake indexes."""
