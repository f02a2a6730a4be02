"""Play scenarios: the runner, the ledger, expectations, explanations and results."""
