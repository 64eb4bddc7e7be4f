"""Find the description of a keypoint layout, from whatever folder a run starts."""

from pathlib import Path
from typing import Any

import mmengine


def resolve_metainfo(metainfo: dict[str, Any]) -> dict[str, Any]:
    """Replace a relative ``from_file`` by the file that is meant.

    mmpose takes a file of that name in the working folder first, whatever it
    holds. Here a file counts only if it defines ``dataset_info``; otherwise the one
    shipped with mmpose is used, or here, such as ``person_union.py``.

    Args:
        metainfo: A layout, or ``dict(from_file='configs/_base_/datasets/x.py')``.

    Raises:
        FileNotFoundError: No such file here or in mmpose.
    """
    if 'from_file' not in metainfo:
        return metainfo
    asked = Path(metainfo['from_file'])
    root = Path(mmengine.utils.get_installed_path('mmpose'))
    shipped = Path('configs', '_base_', 'datasets', asked.name)
    # the second holds for an editable install of mmpose
    candidates = [asked, root / '.mim' / shipped, root.parent / shipped]
    candidates.append(Path(__file__).with_name(asked.name))
    for path in candidates:
        if path.is_file() and 'dataset_info' in path.read_text(encoding='utf-8'):
            return dict(metainfo, from_file=str(path.resolve()))
    raise FileNotFoundError(
        f'metainfo file {asked} does not exist (seen from {Path.cwd()}) or defines no '
        'dataset_info, and mmpose ships none of that name. Give the full path, or make '
        'one with tools/dataset_converters/dlc2coco.py.'
    )
