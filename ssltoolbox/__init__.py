"""Learn 2D pose, segmentation and depth from few labels, on mmengine."""

from .version import __version__

__all__ = ['__version__']
