"""The components of the gateway: the tunnel, the TLS server and the certificates."""
