"""Run the processes of installers: isolated, limited, without a network."""
