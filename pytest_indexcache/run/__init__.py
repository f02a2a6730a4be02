"""Play scenarios: the runner, the ledger, expectations, causes and results."""
