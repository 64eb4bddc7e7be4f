"""Say in mmpose's own types how images are read and joints are laid out."""

from typing import Any

Config = dict[str, Any]

DATASETS = {
    'ssltoolbox.APTenKDataset': 'AP10KDataset',
    'ssltoolbox.CocoPoseDataset': 'BaseCocoStyleDataset',
}
TRANSFORMS = {
    'ssltoolbox.LoadImage': ('LoadImage', ('color_type', 'to_float32')),
    'ssltoolbox.CropView': ('TopdownAffine', ('input_size',)),
    'ssltoolbox.PackPoseView': ('PackPoseInputs', ()),
}
DATASET_FIELDS = (
    'ann_file',
    'data_root',
    'data_prefix',
    'filter_cfg',
    'indices',
    'sample_interval',
)


def plain_pipeline(pipeline: list[Config], notes: list[str]) -> list[Config]:
    """Replace our transforms by the equal ones of mmpose.

    Args:
        pipeline: Transforms of a validation or test data set.
        notes: Gets a line for everything that mmpose cannot do.
    """
    result = []
    for step in pipeline:
        if not is_ours(step['type']):
            result.append(step)
        elif step['type'] in TRANSFORMS:
            kind, fields = TRANSFORMS[step['type']]
            result.append(dict(type=kind, **{k: step[k] for k in fields if k in step}))
        else:
            notes.append(f'transform {step["type"]} left out: mmpose has none like it')
    return result


def default_pipeline(input_size: tuple[int, int]) -> list[Config]:
    """Crop the box of an instance as mmpose does by default."""
    return [
        dict(type='LoadImage'),
        dict(type='GetBBoxCenterScale'),
        dict(type='TopdownAffine', input_size=tuple(input_size)),
        dict(type='PackPoseInputs'),
    ]


def plain_dataset(dataset: Config, layout: Config | None, notes: list[str]) -> Config:
    """Replace our data set by the one of mmpose that reads the same files.

    Args:
        dataset: Config of a validation or test data set.
        layout: Raw layout of the joints, see :func:`raw_layout`.
        notes: Gets a line for everything that mmpose cannot do.
    """
    pipeline = plain_pipeline(dataset.get('pipeline', ()), notes)
    inner = dataset
    while isinstance(inner.get('dataset'), dict):
        inner = inner['dataset']
        pipeline = pipeline or plain_pipeline(inner.get('pipeline', ()), notes)
    if not is_ours(inner['type']):
        return {**inner, 'pipeline': pipeline}
    kind = DATASETS.get(inner['type'])
    if kind is None:
        notes.append(f'data set {inner["type"]} left out: only its pipeline is kept')
    result = {key: inner[key] for key in DATASET_FIELDS if kind and key in inner}
    if inner.get('subset'):
        split = inner.get('split', 1)
        result['ann_file'] = f'annotations/ap10k-{inner["subset"]}-split{split}.json'
    if kind == 'AP10KDataset':
        result.setdefault('data_prefix', dict(img='data'))
    for key in ('species', 'families'):
        if inner.get(key):
            notes.append(f'{key}={inner[key]} left out: mmpose reads all of the file')
    return dict(
        result,
        type=kind or 'BaseCocoStyleDataset',
        data_mode='topdown',
        test_mode=True,
        metainfo=layout,
        pipeline=pipeline,
    )


def raw_layout(meta: Config | None) -> Config | None:
    """Undo ``parse_pose_metainfo``, so that no file of the layout is needed.

    Args:
        meta: Layout of the joints as mmpose parses it.

    Returns:
        The layout as it stands in a ``dataset_info`` file, in plain types.
    """
    if not meta:
        return None
    meta = to_plain(meta)
    names = [meta['keypoint_id2name'][index] for index in range(meta['num_keypoints'])]
    halves = dict.fromkeys(meta['upper_body_ids'], 'upper')
    halves |= dict.fromkeys(meta['lower_body_ids'], 'lower')
    joints = {
        index: dict(
            name=name,
            id=index,
            color=meta['keypoint_colors'][index],
            type=halves.get(index, ''),
            swap='' if names[partner] == name else names[partner],
        )
        for index, (name, partner) in enumerate(
            zip(names, meta['flip_indices'], strict=True)
        )
    }
    links = {
        index: dict(link=tuple(names[end] for end in ends), id=index, color=color)
        for index, (ends, color) in enumerate(
            zip(meta['skeleton_links'], meta['skeleton_link_colors'], strict=True)
        )
    }
    return dict(
        dataset_name=meta['dataset_name'],
        keypoint_info=joints,
        skeleton_info=links,
        joint_weights=meta['dataset_keypoint_weights'],
        sigmas=meta['sigmas'],
    )


def to_plain(value: Any) -> Any:
    """Turn arrays into lists, all the way down."""
    if isinstance(value, dict):
        return {key: to_plain(item) for key, item in value.items()}
    if isinstance(value, (list, tuple)):
        return type(value)(to_plain(item) for item in value)
    return value.tolist() if hasattr(value, 'tolist') else value


def is_ours(kind: Any) -> bool:
    """Tell whether a type needs this toolbox."""
    return 'ssltoolbox.' in (kind if isinstance(kind, str) else f'{kind.__module__}.')
