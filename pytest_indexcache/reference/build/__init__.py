"""Building: from sdists and folders to wheels."""
