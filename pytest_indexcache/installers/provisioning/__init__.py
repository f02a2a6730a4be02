"""Install releases of installers on this machine."""
