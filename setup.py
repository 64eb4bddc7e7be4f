"""Packaging; ``tools/setup_env.sh`` is the way to install everything in order."""

from pathlib import Path

from setuptools import find_packages, setup

ROOT = Path(__file__).parent


def requirements(name: str) -> list[str]:
    """Read ``requirements/<name>.txt`` without comments."""
    lines = (ROOT / 'requirements' / f'{name}.txt').read_text().splitlines()
    return [line for line in lines if line and not line.startswith('#')]


def version() -> str:
    """Read the version without importing the package, which needs torch."""
    scope: dict = {}
    exec((ROOT / 'ssltoolbox' / 'version.py').read_text(), scope)
    return scope['__version__']


EXTRAS = {
    name: requirements(name)
    for name in ('seg', 'depth', 'hd95', 'onnx', 'tensorboard', 'dev', 'docs')
}
EXTRAS['all'] = sorted({line for lines in EXTRAS.values() for line in lines})
README = ROOT / 'README.md'

setup(
    name='ssltoolbox',
    version=version(),
    description='Learn dense prediction (pose, segmentation, depth) from few labels',
    long_description=README.read_text(encoding='utf-8') if README.exists() else '',
    long_description_content_type='text/markdown',
    license='Apache-2.0',
    packages=find_packages(include=['ssltoolbox', 'ssltoolbox.*']),
    package_data={'ssltoolbox': ['**/*.json', '**/assets/*']},
    python_requires='>=3.10',
    install_requires=requirements('runtime'),
    extras_require=EXTRAS,
    zip_safe=False,
    classifiers=[
        'License :: OSI Approved :: Apache Software License',
        'Programming Language :: Python :: 3',
        'Topic :: Scientific/Engineering :: Artificial Intelligence',
    ],
)
