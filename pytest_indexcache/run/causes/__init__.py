"""Why a step did not do what is expected."""
