"""What builds on mmseg is imported when it is named, and not before."""

import subprocess
import sys
from importlib import import_module
from pathlib import Path

import pytest

import ssltoolbox.registry as registry
from ssltoolbox.registry import MODELS

HEADS = Path(registry.__file__).parent / 'models/decode_heads'


def test_pose_imports_no_head_of_segmentation():
    code = (
        'import sys\n'
        'from ssltoolbox.registry import MODELS\n'
        'assert MODELS.get("ssltoolbox.StemResNet")\n'
        'assert "mmseg.models" not in sys.modules\n'
        'assert MODELS.get("ssltoolbox.PANHead").__name__ == "PANHead"\n'
        'assert "mmseg.models" in sys.modules\n'
        'assert "ssltoolbox.models.decode_heads.ocnet_head" not in sys.modules\n'
    )
    done = subprocess.run(
        [sys.executable, '-c', code], capture_output=True, text=True, check=False
    )
    assert (done.returncode, done.stdout, done.stderr) == (0, '', '')


def test_every_file_is_named_like_its_class():
    pytest.importorskip('mmseg')
    for path in HEADS.glob('[!_]*.py'):
        import_module(f'ssltoolbox.models.decode_heads.{path.stem}')
        names = {key.lower() for key in MODELS.module_dict}
        assert path.stem.replace('_', '') in names, path


def test_without_mmseg_a_head_says_so_and_pose_works(monkeypatch):
    def missing():
        raise ImportError('ssltoolbox needs mmseg')

    monkeypatch.setattr(registry, 'prepare_segmentation', missing)
    with pytest.raises(ImportError, match='needs mmseg'):
        MODELS.get('ssltoolbox.MANetHead')
    assert MODELS.get('ssltoolbox.DAUNet')
    assert MODELS.get('mmpose.ResNet')
