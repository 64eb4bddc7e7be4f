"""AP-10K: 54 species of animals with 17 keypoints, in three published splits."""

from typing import Any, Literal

import numpy as np

from ssltoolbox.datasets.pose.coco_pose import CocoPoseDataset
from ssltoolbox.registry import DATASETS

from mmpose.datasets.datasets.animal import AP10KDataset  # isort: skip

_SIGMAS = (
    (0.025, 0.025, 0.026, 0.035, 0.035, 0.079, 0.079, 0.072, 0.072)
    + (0.062, 0.062, 0.107, 0.107, 0.087, 0.087, 0.089, 0.089)
)  # fmt: skip


@DATASETS.register_module()
class APTenKDataset(CocoPoseDataset, AP10KDataset):
    """AP-10K, by split and subset or by file.

    The keypoint layout is mmpose's. The sigmas of the OKS are those with which the
    published results on few labels were measured: the values of human joints in
    the order of COCO, so an elbow counts as a shoulder. For the numbers of mmpose's
    own tables pass ``metainfo=dict(from_file='configs/_base_/datasets/ap10k.py')``.

    Args:
        subset: ``'train'``, ``'val'`` or ``'test'``.
        split: Which of the three published divisions, 1, 2 or 3.
        ann_file: A file instead of ``subset``, relative to ``data_root``.
        data_prefix: Folder of the images below ``data_root``.
        kwargs: Fields of :class:`CocoPoseDataset`, such as ``data_root``,
            ``species``, ``families`` and ``pipeline``.

    Source: Yu et al., AP-10K, NeurIPS Datasets 2021, arXiv 2108.12617; ScarceNet,
    Li & Lee, CVPR 2023, arXiv 2303.15023.
    """

    HINT = (
        'Get AP-10K from https://github.com/AlexTheBad/AP-10K and unpack it so that '
        '<data_root>/annotations/ap10k-train-split1.json and '
        '<data_root>/data/000000000004.jpg exist. To try the toolbox without a '
        'download, run `make demo`, or draw animals of the same layout: '
        'python -m ssltoolbox.testing.toy_animals --out <data_root>.'
    )

    def __init__(
        self,
        subset: Literal['train', 'val', 'test'] | None = None,
        split: Literal[1, 2, 3] = 1,
        ann_file: str = '',
        data_prefix: dict[str, str] = dict(img='data'),  # noqa: B006
        **kwargs: Any,
    ) -> None:
        if bool(ann_file) == bool(subset):
            raise ValueError(
                'APTenKDataset needs either subset or ann_file, got '
                f'subset={subset!r} and ann_file={ann_file!r}'
            )
        if not ann_file:
            if subset not in ('train', 'val', 'test') or split not in (1, 2, 3):
                raise ValueError(
                    "subset of AP-10K is 'train', 'val' or 'test' and split 1, 2 or 3, "
                    f'got subset={subset!r}, split={split!r}'
                )
            ann_file = f'annotations/ap10k-{subset}-split{split}.json'
        super().__init__(ann_file=ann_file, data_prefix=data_prefix, **kwargs)

    @classmethod
    def _load_metainfo(cls, metainfo: dict | None = None) -> dict:
        parsed = super()._load_metainfo(metainfo)
        if not metainfo:
            parsed['sigmas'] = np.array(_SIGMAS, np.float32)
        return parsed
