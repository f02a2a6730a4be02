"""What the gateway is made of: the tunnel, the TLS server, certificates."""
