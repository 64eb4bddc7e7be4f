"""The same small runner as for the engine."""

from ..engine.conftest import tiny

__all__ = ['tiny']
