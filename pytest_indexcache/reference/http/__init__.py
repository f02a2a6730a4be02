"""The HTTP cache behind ``http_cache`` and ``client``: policy in parts, storage, the network."""
