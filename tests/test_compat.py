"""What stands in for absent packages is gone after the import, and refuses use."""

import subprocess
import sys
import types

import pytest

from ssltoolbox import compat


def run(code):
    """Run in a fresh interpreter, where nothing has been imported yet."""
    return subprocess.run(
        [sys.executable, '-c', code], capture_output=True, text=True, check=False
    )


def test_import_is_silent_and_leaves_no_placeholder():
    code = (
        'import sys, ssltoolbox.registry\n'
        'from ssltoolbox.compat import _Placeholder\n'
        'assert not [m for m in sys.modules.values() if isinstance(m, _Placeholder)]\n'
        'assert not isinstance(vars(sys.modules["mmcv"]).get("ops"), _Placeholder)\n'
        'import mmpose.models, mmpose.datasets, mmpose.evaluation\n'
    )
    done = run(code)
    assert (done.returncode, done.stdout, done.stderr) == (0, '', '')


def test_a_missing_mmpose_is_one_sentence_that_names_the_script():
    done = run('import sys; sys.modules["mmpose"] = None; import ssltoolbox.registry')
    last = done.stderr.strip().splitlines()[-1]
    assert last.startswith('ImportError: ssltoolbox needs mmpose')
    assert 'tools/setup_env.sh' in last


def test_a_placeholder_imports_and_compares_but_refuses_use(monkeypatch):
    for name in [each for each in sys.modules if each.split('.')[0] == 'torchvision']:
        monkeypatch.delitem(sys.modules, name)
    with compat._placeholders(['torchvision']):
        from torchvision.transforms import ToPILImage
    assert not isinstance(1, ToPILImage)
    assert 'torchvision' not in sys.modules
    with pytest.raises(
        ImportError, match='torchvision.transforms.ToPILImage .*install'
    ):
        ToPILImage()
    with pytest.raises(ImportError, match='pip install torchvision'):
        ToPILImage.mode  # noqa: B018


def test_a_real_module_is_never_replaced():
    before = sys.modules['json']
    with compat._placeholders([]):
        assert __import__('json') is before


@pytest.mark.parametrize(
    'version, fits', [('0.9', 0), ('1.0', 1), ('1.3.2', 1), ('2.0', 0)]
)
def test_versions_have_both_bounds(version, fits):
    module = types.SimpleNamespace(__version__=version)
    if fits:
        compat._check_version('mmpose', module)
    else:
        with pytest.raises(ImportError, match=rf'mmpose>=1\.0,<2\.0, but {version} is'):
            compat._check_version('mmpose', module)


def test_only_the_known_line_is_kept_off_the_screen(capsys):
    with compat._without_noise():
        print('Could not import OneDL')
        print('something else')
        print('unfinished', end='')
    assert capsys.readouterr().out == 'something else\nunfinished'
