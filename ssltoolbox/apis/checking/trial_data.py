"""Generated samples in place of a data set, so that a config can be tried anywhere."""

from bisect import bisect_right
from collections.abc import Mapping, Sequence
from itertools import accumulate
from typing import Any

import numpy as np
from mmengine.dataset import Compose
from torch.utils.data import Dataset

from ssltoolbox.apis.checking.trial_depth import generated_pair
from ssltoolbox.apis.data_files import dataset_class
from ssltoolbox.datasets.depth.prepare import SfmSettings
from ssltoolbox.datasets.depth.sfm_dataset import SfmDataset
from ssltoolbox.datasets.multi_source import seeded
from ssltoolbox.datasets.pose.whole_image import WholeImagePoseDataset

from mmpose.datasets.datasets.utils import parse_pose_metainfo  # isort: skip

PER_SOURCE = 2
LAYOUT_KEYS = (
    'dataset_name',
    'upper_body_ids',
    'lower_body_ids',
    'flip_pairs',
    'dataset_keypoint_weights',
    'flip_indices',
    'skeleton_links',
)


class GeneratedSamples(Dataset):
    """Two samples of noise per source, sent through the config's own pipeline.

    Args:
        sources: ``{name: whether its labels are a person's}``.
        pipelines: Pipeline of each source.
        metainfo: Keypoint layout as mmpose parses it, or classes of a segmentation.
        size: (w, h) of the images in pixels.
        kind: What a record is, see :func:`kind_of`.
        instances: How many instances a whole image shows.
    """

    def __init__(
        self,
        sources: Mapping[str, bool],
        pipelines: Sequence[Sequence],
        metainfo: dict[str, Any],
        size: tuple[int, int],
        kind: str = 'instance',
        instances: int = 2,
    ) -> None:
        self.metainfo, self.size, self.instances = metainfo, size, instances
        fills = {'instance': self.instance, 'image': self.image, 'mask': self.mask}
        self.fill = {**fills, 'depth': self.depth}[kind]
        self.source_names, self.labelled = list(sources), list(sources.values())
        self.source_sizes = [PER_SOURCE] * len(sources)
        self._ends = list(accumulate(self.source_sizes))
        self.pipelines = [Compose(list(steps)) for steps in pipelines]

    def __len__(self) -> int:
        return self._ends[-1]

    def __getitem__(self, item: Any) -> dict:
        index, seed = item if isinstance(item, tuple) else (item, item)
        source = bisect_right(self._ends, index)
        with seeded(int(seed)):
            return self.pipelines[source](self.record(index, self.labelled[source]))

    def get_data_info(self, index: int) -> dict:
        """Return a record, for transforms that mix two images."""
        return self.record(index, labelled=True)

    def record(self, index: int, labelled: bool) -> dict[str, Any]:
        """Make a record with an image of noise."""
        rng = np.random.default_rng(index)
        width, height = self.size
        return dict(
            id=index,
            img_id=index,
            img_path=f'generated/{index}.png',
            frame=f'generated_{index}_train1',
            img=rng.integers(0, 256, (height, width, 3), np.uint8),
            ori_shape=(height, width),
            labelled=labelled,
            dataset=self,
            **self.fill(index, labelled, rng),
        )

    def mask(self, index: int, labelled: bool, rng: np.random.Generator) -> dict:
        """Give a class to every pixel."""
        count = len(self.metainfo['classes'])
        shape = self.size[::-1]
        return dict(seg_map=rng.integers(0, count, shape, np.uint8))

    def depth(self, index: int, labelled: bool, rng: np.random.Generator) -> dict:
        """Show points on a surface that two cameras see."""
        return generated_pair(self.size, rng)

    def image(self, index: int, labelled: bool, rng: np.random.Generator) -> dict:
        """Put the instances into the image, where it is labelled."""
        count, instances = self.metainfo['num_keypoints'], self.instances * labelled
        points = rng.uniform(0.1, 0.9, (instances, count, 2)) * self.size
        return dict(
            {key: self.metainfo[key] for key in LAYOUT_KEYS},
            keypoints=points.astype(np.float32),
            keypoints_visible=np.ones((instances, count), np.float32),
        )

    def instance(self, index: int, labelled: bool, rng: np.random.Generator) -> dict:
        """Make an instance with all keypoints visible, spread over its box."""
        width, height = self.size
        box = np.array([width * 0.1, height * 0.1, width * 0.9, height * 0.9])
        count = self.metainfo['num_keypoints']
        points = rng.uniform(box[:2], box[2:], (count, 2)).astype(np.float32)
        annotation = dict(
            id=index,
            image_id=index,
            category_id=1,
            iscrowd=0,
            bbox=[*box[:2], *(box[2:] - box[:2])],
            area=float(np.prod(box[2:] - box[:2])),
            keypoints=np.c_[points, np.full(count, 2.0)].ravel().tolist(),
            num_keypoints=count,
        )
        return dict(
            {key: self.metainfo[key] for key in LAYOUT_KEYS},
            bbox=box[None].astype(np.float32),
            bbox_score=np.ones(1, np.float32),
            head_size=np.full((1, 1), height * 0.1, np.float32),
            keypoints=points[None],
            keypoints_visible=np.ones((1, count), np.float32),
            category_id=1,
            area=annotation['area'],
            num_keypoints=count,
            iscrowd=0,
            raw_ann_info=annotation,
        )


def kind_of(dataset: Mapping) -> str:
    """Tell what the records of a data set's config are.

    Returns:
        ``'mask'``: images with a class for every pixel; ``'image'``: whole images
        with keypoints; ``'instance'``: boxes with keypoints; ``'depth'``: windows of
        frames with structure from motion.

    Raises:
        TypeError: The settings of structure from motion have an unknown field.
    """
    kind = reader_of(dataset)
    if isinstance(kind, type) and issubclass(kind, SfmDataset):
        for source in sources_of(dataset).values():
            SfmSettings.read(source.get('settings'))
        return 'depth'
    if 'classes' in getattr(kind, 'METAINFO', {}):
        return 'mask'
    whole = isinstance(kind, type) and issubclass(kind, WholeImagePoseDataset)
    return 'image' if whole else 'instance'


def reader_of(dataset: Mapping) -> type | None:
    """Look up the class that reads the files of a data set's config, the first."""
    if 'sources' in dataset:
        return reader_of(next(iter(dataset['sources'].values())))
    if isinstance(dataset.get('dataset'), Mapping):
        return reader_of(dataset['dataset'])
    return dataset_class(dataset)


def sources_of(dataset: Mapping) -> dict[str, Mapping]:
    """Name the sources of a data set's config; one of its own is called ``data``."""
    return dict(dataset.get('sources') or {'data': dataset})


def is_labelled(dataset: Mapping) -> bool:
    """Tell whether a source gives labels of a person."""
    if 'sources' in dataset:
        return any(map(is_labelled, dataset['sources'].values()))
    kind = getattr(dataset_class(dataset), '__name__', '')
    if kind == 'SfmDataset':
        return dataset.get('labelled', False)
    return dataset.get('part') != 'unlabelled' and kind != 'UnlabelledImages'


def layout_of(dataset: Mapping) -> dict[str, Any] | None:
    """Find the keypoint layout of a data set's config.

    Raises:
        FileNotFoundError: It is in a file that does not exist.
    """
    if 'sources' in dataset:
        return layout_of(next(iter(dataset['sources'].values())))
    if isinstance(dataset.get('dataset'), Mapping):
        return layout_of(dataset['dataset'])
    kind = dataset_class(dataset)
    if not hasattr(kind, '_load_metainfo'):
        return None
    return kind._load_metainfo(dict(dataset.get('metainfo') or {}))


def made_up_layout(num_keypoints: int) -> dict[str, Any]:
    """Make a layout without mirror pairs, where the real one is not here."""
    names = [f'keypoint_{i}' for i in range(num_keypoints)]
    return parse_pose_metainfo(
        dict(
            dataset_name='generated',
            keypoint_info={
                i: dict(name=name, id=i, color=[0, 0, 0], type='', swap='')
                for i, name in enumerate(names)
            },
            skeleton_info={},
            joint_weights=[1.0] * num_keypoints,
            sigmas=[0.05] * num_keypoints,
        )
    )
