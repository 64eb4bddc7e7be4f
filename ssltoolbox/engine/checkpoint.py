"""Load checkpoints without running code from them."""


def install_safe_loading() -> None:
    """Placeholder until the loader is in place."""
