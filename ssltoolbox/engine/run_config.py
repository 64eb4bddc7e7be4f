"""A config whose text is laid out once, though a run asks for it at each checkpoint."""

from mmengine.config import Config


class RunConfig(Config):
    """``Config`` that remembers its text until its content changes.

    mmengine puts ``pretty_text`` into the log, the visualizer and every checkpoint,
    and makes it anew each time: half a second and more, which in a short run is longer
    than the training between two checkpoints.
    """

    @classmethod
    def of(cls, cfg: Config) -> 'RunConfig':
        """Take over a config; its content is shared, not copied."""
        taken = cls.__new__(cls)
        taken.__dict__.update(cfg.__dict__)
        return taken

    @property
    def pretty_text(self) -> str:
        """Formatted Python text of the config, as mmengine lays it out."""
        content = repr(self.to_dict())
        # not by attributes, which are fields of the config
        known = self.__dict__.get('_laid_out')
        if known is None or known[0] != content:
            known = self.__dict__['_laid_out'] = (content, super().pretty_text)
        return known[1]
