"""Run an exported graph in a process that has neither torch nor this toolbox.

python run_onnx_alone.py RESULT.npz GRAPH.onnx IMAGES.npy [VALID.npy]
"""

import sys


class Finder:
    def find_spec(self, fullname, path=None, target=None):
        if fullname.split('.')[0] in ('ssltoolbox', 'torch', 'mmengine'):
            raise ImportError(f'{fullname} must not be needed')
        return None


sys.meta_path.insert(0, Finder())

import numpy as np  # noqa: E402
import onnxruntime  # noqa: E402

session = onnxruntime.InferenceSession(sys.argv[2], providers=['CPUExecutionProvider'])
arrays = [np.load(path, allow_pickle=False) for path in sys.argv[3:]]
names = [each.name for each in session.get_inputs()]
found = session.run(None, dict(zip(names, arrays, strict=True)))
outputs = [each.name for each in session.get_outputs()]
about = session.get_modelmeta().custom_metadata_map['ssltoolbox']
np.savez(sys.argv[1], about=about, **dict(zip(outputs, found, strict=True)))
