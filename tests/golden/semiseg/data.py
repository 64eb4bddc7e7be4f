"""What values of masks mean, and what the networks see of an image."""

import tempfile
from pathlib import Path

import numpy as np
import torch
from mmengine.registry import init_default_scope

from ssltoolbox.apis.config import resolve
from ssltoolbox.compat import prepare_segmentation
from ssltoolbox.datasets.seg.codes import LabelCodes
from ssltoolbox.datasets.seg.codes_file import read_codes
from ssltoolbox.registry import MODELS, TRANSFORMS

from ..registry import drives
from ..vectors import Entry


@drives('semiseg', 'label_codes')
def label_codes(entry: Entry) -> None:
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder, 'codes.txt')
        path.write_text(str(entry['codes']))
        found = read_codes(path)
    expected = {
        name: tuple(values) for name, (_, values) in entry.params['codes'].items()
    }
    assert dict(zip(found['classes'], found['codes'], strict=True)) == expected
    codes = LabelCodes(found['codes'])
    entry.check('encoded', codes.encode(entry['raw'])[0])
    entry.check('decoded', codes.decode(entry['indices'][0]))


@drives('semiseg', 'infer_preproc')
def infer_preproc(entry: Entry) -> None:
    """The plain view of the configs, through their preprocessor."""
    from mmengine import Config

    base = Path(__file__).parents[3] / 'configs/_base_/datasets/toy_polyps.py'
    cfg = Config.fromfile(base)
    height, width = entry.params['size']
    cfg.input_size = (width, height)
    cfg = resolve(cfg)
    image = np.ascontiguousarray(entry['image'][..., ::-1])
    view = TRANSFORMS.build(cfg.plain_view)(dict(img=image))
    prepare_segmentation()
    init_default_scope('mmpose')
    preprocess = MODELS.build(cfg.seg_preprocessor)
    planes = torch.from_numpy(view['img'].transpose(2, 0, 1).copy())
    entry.check('tensor', preprocess(dict(inputs=[planes]))['inputs'])
