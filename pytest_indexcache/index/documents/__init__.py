"""The documents that an index serves: wheels, sdists and simple pages."""
