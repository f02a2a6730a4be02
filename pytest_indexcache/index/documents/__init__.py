"""The documents that an index sends: wheels, sdists and simple pages."""
