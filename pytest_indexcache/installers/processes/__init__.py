"""How processes of installers run: isolated, limited, without a network."""
