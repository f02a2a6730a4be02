"""Play the interop scenarios of this package with installers and real index servers."""
