"""Parse verbose logs of installers into plain values."""
