"""Run exported segmentors in a process that cannot import this toolbox.

python run_mmseg_alone.py RESULT.pt PICTURE.npy CONFIG CHECKPOINT [CONFIG CHECKPOINT ..]
"""

import sys


class Finder:
    def find_spec(self, fullname, path=None, target=None):
        if fullname.split('.')[0] == 'ssltoolbox':
            raise ImportError('ssltoolbox must not be needed')
        return None


sys.meta_path.insert(0, Finder())

import numpy as np  # noqa: E402
import torch  # noqa: E402
from mmseg.apis import inference_model, init_model  # noqa: E402

picture = np.load(sys.argv[2], allow_pickle=False)
results = []
arguments = iter(sys.argv[3:])
for config, checkpoint in zip(arguments, arguments, strict=True):
    model = init_model(config, checkpoint, device='cpu')
    found = inference_model(model, picture)
    results.append(
        dict(
            logits=found.seg_logits.data,
            classes=found.pred_sem_seg.data[0],
            meta=dict(model.dataset_meta),
        )
    )
assert not any(name.split('.')[0] == 'ssltoolbox' for name in sys.modules)
torch.save(results, sys.argv[1])
