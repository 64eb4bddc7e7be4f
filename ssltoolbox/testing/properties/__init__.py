"""Properties of components, each with the repair that it probably needs."""
