"""Speaking with an OpenSearch cluster: its address, who asks, the connection, what went wrong."""
