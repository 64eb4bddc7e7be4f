"""Import the upstream libraries safely, whatever is missing around them.

mmpose imports ``mmdet``, ``torchvision`` and ``mmcv.ops`` at module level for
three parts that this toolbox never uses. Where one of them is missing or broken, a
placeholder stands in while mmpose is imported, and is gone afterwards.
"""

import contextlib
import functools
import importlib
import importlib.machinery
import io
import re
import sys
import types
import warnings
from collections.abc import Iterator, Sequence

SETUP_HINT = 'run tools/setup_env.sh, which installs what is needed in the right order'

_MINIMUM = {'torch': (2, 4), 'mmengine': (0, 10), 'mmcv': (2, 1), 'mmpose': (1, 0)}
_BELOW = {'mmpose': (2, 0)}

_MMPOSE_PARTS = (
    'models',
    'datasets',
    'engine',
    'evaluation',
    'codecs',
    'visualization',
)

_OPTIONAL = {
    'mmdet': 'mmdet (pip install mmdet)',
    'torchvision': 'torchvision (pip install torchvision)',
    'mmcv.ops': 'mmcv with compiled ops (build it with MMCV_WITH_OPS=1)',
}

_FLAGS = {'mmdet': 'has_mmdet', 'mmcv.ops': 'has_mmcv_full'}
"""Where mmpose has a fallback of its own, it remembers the choice in these names."""

_NOISE = 'Could not import OneDL'


@functools.cache
def prepare_upstream() -> None:
    """Check versions, import mmpose once, and make checkpoint loading safe.

    Raises:
        ImportError: A library is missing, too old, or cannot be imported; the
            message is one sentence that names it and the next step.
    """
    from ssltoolbox.checkpoints.loading import install_safe_loading

    warnings.filterwarnings(
        'ignore', message='Fail to import ``MultiScaleDeformableAttention``'
    )
    for name in _MINIMUM:
        _check_version(name, _import(name))
    with _without_noise():
        # mmcv decides here which of its own fallbacks to use: it must see the truth
        _import('mmcv.cnn')
        _import('mmcv.transforms')
        absent = [name for name in _OPTIONAL if not _works(name)]
        with _placeholders(absent):
            for part in _MMPOSE_PARTS:
                _import(f'mmpose.{part}')
        _correct_flags(absent)
        # mmseg.Name is then found in any scope; its parts are imported when asked for
        _works('mmseg.registry')
    install_safe_loading()


@functools.cache
def prepare_segmentation() -> None:
    """Check and import mmseg, for the tasks that use it.

    Raises:
        ImportError: mmseg is missing, too old, or cannot be imported.
    """
    prepare_upstream()
    # meant so: networks are as published, and losses are means over all pixels
    for said in (
        'Unnecessary conv bias before batch',
        'When align_corners=True',
        'Default ``avg_non_ignore`` is False',
    ):
        warnings.filterwarnings('ignore', message=said)
    _check_version('mmseg', _import('mmseg'), minimum=(1, 2))
    with _without_noise():
        _import('mmseg.models')
        _import('mmseg.datasets')


def _import(name: str) -> types.ModuleType:
    try:
        return importlib.import_module(name)
    except Exception as error:
        top = name.partition('.')[0]
        reason = f'{type(error).__name__}: {error}'
        if isinstance(error, ModuleNotFoundError) and error.name == top:
            reason = 'it is not installed'
        hint = SETUP_HINT
        if 'libGL' in reason:
            hint = 'install the system package libgl1, or opencv-python-headless'
        raise ImportError(
            f'ssltoolbox needs {top}, which cannot be imported ({reason}): {hint}.'
        ) from error


def _check_version(
    name: str, module: types.ModuleType, minimum: tuple[int, ...] | None = None
) -> None:
    minimum = minimum or _MINIMUM[name]
    version = str(getattr(module, '__version__', '0'))
    found = tuple(int(number) for number in re.findall(r'\d+', version)[:2])
    below = _BELOW.get(name)
    if found >= minimum and (below is None or found < below):
        return
    wanted = '>=' + '.'.join(map(str, minimum))
    if below:
        wanted += ',<' + '.'.join(map(str, below))
    raise ImportError(
        f'ssltoolbox needs {name}{wanted}, but {version} is installed: {SETUP_HINT}.'
    )


def _works(name: str) -> bool:
    """Tell whether an optional module imports; any failure counts as absent."""
    try:
        importlib.import_module(name)
    except Exception:  # noqa: BLE001  a broken build raises nearly anything
        return False
    return True


class _Unavailable(type):
    """Metaclass: the class may be imported and compared with, never used."""

    package: str

    def __call__(cls, *args, **kwargs):
        raise ImportError(
            f'{cls.__module__}.{cls.__name__} was asked for, but {cls.package} is '
            'missing or broken here: install it to use this part of mmpose.'
        )

    def __getattr__(cls, name: str):
        if name.startswith('__'):
            raise AttributeError(name)
        return cls()


class _Placeholder(types.ModuleType):
    """Module that has every name, each of which refuses to be used."""

    package: str

    def __getattr__(self, name: str):
        if name.startswith('__'):
            raise AttributeError(name)
        body = {'__module__': self.__name__, 'package': self.package}
        return _Unavailable(name, (), body)


class _Finder:
    """Import hook that answers for the given modules and all below them."""

    def __init__(self, names: Sequence[str]) -> None:
        self.names = names

    def find_spec(self, fullname, path=None, target=None):
        for name in self.names:
            if fullname == name or fullname.startswith(f'{name}.'):
                return importlib.machinery.ModuleSpec(fullname, self, is_package=True)
        return None

    def create_module(self, spec):
        module = _Placeholder(spec.name)
        module.package = next(
            text for name, text in _OPTIONAL.items() if spec.name.startswith(name)
        )
        return module

    def exec_module(self, module) -> None:
        """Nothing to run: names are made when they are asked for."""


def _correct_flags(absent: Sequence[str]) -> None:
    """Tell mmpose's own fallbacks the truth about ``absent``."""
    flags = [_FLAGS[name] for name in absent if name in _FLAGS]
    for name, module in list(sys.modules.items()):
        if name.startswith('mmpose.'):
            for flag in flags:
                if flag in vars(module):
                    setattr(module, flag, False)


@contextlib.contextmanager
def _placeholders(names: Sequence[str]) -> Iterator[None]:
    """Let ``names`` be imported as placeholders, and forget them afterwards."""
    finder = _Finder(names)
    sys.meta_path.insert(0, finder)
    try:
        yield
    finally:
        sys.meta_path.remove(finder)
        for name, module in list(sys.modules.items()):
            if isinstance(module, _Placeholder):
                del sys.modules[name]
                parent, _, child = name.rpartition('.')
                if vars(sys.modules.get(parent, finder)).get(child) is module:
                    delattr(sys.modules[parent], child)


class _LineFilter(io.TextIOBase):
    """Pass text on line by line, without the one line known to be noise."""

    def __init__(self, stream) -> None:
        self.stream = stream
        self.rest = ''

    def write(self, text: str) -> int:
        *lines, self.rest = (self.rest + text).split('\n')
        for line in lines:
            if line.strip() != _NOISE:
                self.stream.write(line + '\n')
        return len(text)

    def flush(self) -> None:
        self.stream.flush()


@contextlib.contextmanager
def _without_noise() -> Iterator[None]:
    """Keep mmseg's note on an optional package off the screen while importing."""
    lines = _LineFilter(sys.stdout)
    with contextlib.redirect_stdout(lines):
        yield
    sys.stdout.write(lines.rest)
