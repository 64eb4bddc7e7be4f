"""Run exported networks in a process that cannot import this toolbox.

python run_mmpose_alone.py RESULT.pt CONFIG CHECKPOINT [CONFIG CHECKPOINT ...]
"""

import importlib
import importlib.machinery
import sys
import types


class Stub(types.ModuleType):
    """Stands for a package that mmpose imports and these networks never use."""

    def __getattr__(self, name):
        if name.startswith('__'):
            raise AttributeError(name)
        return type(name, (), {})


class Finder:
    def find_spec(self, fullname, path=None, target=None):
        if fullname.split('.')[0] == 'ssltoolbox':
            raise ImportError('ssltoolbox must not be needed')
        for name in absent:
            if fullname == name or fullname.startswith(f'{name}.'):
                return importlib.machinery.ModuleSpec(fullname, self, is_package=True)
        return None

    def create_module(self, spec):
        return Stub(spec.name)

    def exec_module(self, module):
        pass


def fails(name):
    try:
        importlib.import_module(name)
    except Exception:
        return True
    return False


import mmcv.cnn  # noqa: E402, F401  mmcv must see what is really there

absent = [name for name in ('mmdet', 'torchvision', 'mmcv.ops') if fails(name)]
sys.meta_path.insert(0, Finder())

import numpy as np  # noqa: E402
import torch  # noqa: E402
from mmpose.apis import inference_topdown, init_model  # noqa: E402

results = []
arguments = iter(sys.argv[2:])
for config, checkpoint in zip(arguments, arguments, strict=True):
    model = init_model(config, checkpoint, device='cpu')
    width, height = model.cfg.codec.input_size
    images = torch.linspace(-2, 2, 3 * height * width).sin().view(1, 3, height, width)
    with torch.no_grad():
        heatmaps = model(images, None)
    picture = np.full((60, 80, 3), 127, np.uint8)
    (sample,) = inference_topdown(model, picture, np.array([[10, 5, 50, 55]]))
    results.append(
        dict(
            heatmaps=heatmaps,
            keypoints=sample.pred_instances.keypoints.tolist(),
            joints=list(model.dataset_meta['keypoint_id2name'].values()),
            dataset=model.cfg.test_dataloader.dataset.type,
        )
    )
assert not any(name.split('.')[0] == 'ssltoolbox' for name in sys.modules)
torch.save(results, sys.argv[1])
