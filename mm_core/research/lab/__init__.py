"""The fusion lab: every strategy of the registry trained and measured on one protocol."""
