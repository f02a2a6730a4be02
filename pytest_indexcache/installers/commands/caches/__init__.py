"""What is known of how installers lay out their caches."""
