"""The gallery of the labels that a training recorded on its way."""

import numpy as np

from ssltoolbox.apis.run_report.gallery import Gallery, Sample, hexadecimal
from ssltoolbox.apis.run_report.labelled_data import dictionaries
from ssltoolbox.apis.run_report.run import StageRun
from ssltoolbox.evaluation.sample_facts import MAX_DIST
from ssltoolbox.semi.sample_log import FOLDER, read_samples
from ssltoolbox.visualization.colors import DROPPED, KEPT, RELABELLED
from ssltoolbox.visualization.sfm import depth_colours

POSE = {
    'confidence': 'mean score of the teacher, or of the label where there is none',
    'disagreement': "mean distance of the teacher's joints from the label, a share of "
    'the crop',
    'kept': 'share of the joints that is learnt from',
    'right': f'share of the used joints nearer to the truth than {MAX_DIST:.0%} of '
    'the crop',
    'error': 'mean distance of the used joints from the truth, a share of the crop',
}
DENSE = {
    'confidence': 'mean score of the teacher, or of the label where there is none',
    'disagreement': 'share of the pixels, or of the maps, on which teacher and label '
    'differ',
    'kept': 'share of the pixels that is learnt from',
    'right': 'share of the used pixels that are right; of joints the overlap of maps',
}
DEPTH = {
    'disagreement': 'error of the depth at the points, a share of theirs (AbsRel)',
    'error': 'error of the depth in all pixels, a share of the true one (AbsRel)',
}
KINDS = {
    'PoseTask': ('joint', 'species', POSE),
    'BottomupPoseTask': ('joint', 'sequence', DENSE),
    'SegTask': ('class', 'sequence', DENSE),
    'DepthTask': ('part', 'sequence', DEPTH),
}
"""Names of parts and of groups, and what the numbers mean, by the task."""

NEAR, FAR = depth_colours(np.array([1.0, 2.0]), 1, 2).tolist()
LEGENDS = {
    'PoseTask': {
        'kept': hexadecimal(KEPT),
        're-labelled': hexadecimal(RELABELLED),
        'dropped (hollow)': hexadecimal(DROPPED),
    },
    'DepthTask': {'near': hexadecimal(NEAR), 'far': hexadecimal(FAR)},
}
"""Colours in the pictures of a task."""


def recorded_gallery(stage: StageRun) -> Gallery | None:
    """Show the samples of a training; None where it recorded none.

    Raises:
        ValueError: The list of samples is damaged.
    """
    folder = stage.home / FOLDER
    found = read_samples(folder)
    if not found:
        return None
    tasks = [
        str(each.get('type')).rsplit('.', 1)[-1] for each in dictionaries(stage.config)
    ]
    task = next((name for name in KINDS if name in tasks), 'PoseTask')
    part, group, meaning = KINDS[task]
    samples = []
    for each in found:
        path = folder / each['file'].rsplit('/', 1)[-1]
        samples.append(
            Sample(
                name=each.get('name') or f'image {each.get("image")}',
                fate=each['fate'],
                values={**each['values'], 'step': each['step']},
                picture=path.read_bytes() if path.is_file() else None,
                group=each.get('group'),
                parts=each.get('parts', {}),
            )
        )
    return Gallery(
        stage.name,
        'seen in training',
        samples,
        part=part,
        group=group,
        tiles=found[0].get('tiles', ()),
        legend=LEGENDS.get(task, {}),
        meaning=meaning,
        notes=['Unlabelled images of some iterations, as the method saw them.'],
    )
