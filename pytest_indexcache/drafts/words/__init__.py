"""Parse names, versions, URLs and requirements in texts from users."""
