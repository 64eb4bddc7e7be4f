"""The five systems of the drill: a toy config each, so small that it takes seconds."""

from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from ssltoolbox.testing.toy_animals.generate import generate as animals
from ssltoolbox.testing.toy_animals.zoo import SPECIES
from ssltoolbox.testing.toy_instruments.generate import generate as instruments
from ssltoolbox.testing.toy_persons.generate import generate as persons
from ssltoolbox.testing.toy_polyps.generate import generate as polyps
from ssltoolbox.testing.toy_tubes.generate import generate as tubes

CONFIGS = Path(__file__).parents[2] / 'configs'
COMMON = {
    'num_workers': 0,
    'epochs': 2,
    'val_interval': 1,
    'watch_interval': 2,
    'picture_interval': 2,
    'default_hooks.logger.interval': 1,
    'visualizer.vis_backends': [{'type': 'LocalVisBackend'}],
    'log_level': 'WARNING',
}
POSE = {
    'student.backbone.base_channels': 8,
    'student.backbone.stem_channels': 8,
    'student.head.in_channels': 64,
    'student.head.deconv_out_channels': [8, 8, 8],
    'batch_size': 8,
}


@dataclass(frozen=True)
class System:
    """A config, and what makes a run of it short.

    Args:
        name: Of the system.
        config: Below ``configs/``.
        draw: Draws its data into a folder.
        truth: Pattern of a file with labels, below the data.
        options: ``--cfg-options`` beside ``data_root``.
    """

    name: str
    config: str
    draw: Callable[[Path], Any]
    truth: str
    options: dict[str, Any] = field(default_factory=dict)

    @property
    def path(self) -> Path:
        return CONFIGS / self.config

    def options_for(self, data: Path) -> dict[str, Any]:
        return {**self.options, 'data_root': str(data)}


SCARCENET = {
    'codec.input_size': [64, 64],
    'codec.heatmap_size': [32, 32],
    **{k: v for k, v in POSE.items() if k != 'batch_size'},
    'num_workers': 0,
    'supervised_epochs': 2,
    'supervised_milestones': [1],
    'supervised_batch_size': 8,
    'supervised_epoch_length': 3,
    'supervised_val_interval': 1,
    'pseudo_label_job.batch_size': 8,
    'semi_epochs': 2,
    'semi_batch_size': 8,
    'semi_val_interval': 1,
    'watch_interval': 2,
    'picture_interval': 2,
    'visualizer.vis_backends': [{'type': 'LocalVisBackend'}],
    'log_level': 'WARNING',
}
POSEDUAL = COMMON | POSE | {
    'labels': 4,
    'codec.input_size': [48, 64],
    'codec.heatmap_size': [24, 32],
    'milestones': [1],
    'picture_interval': 5,
    'metric': 'pck/AUC',
}  # fmt: skip
del POSEDUAL['default_hooks.logger.interval']
SSL2DPOSE = COMMON | {
    'labels': 0.5,
    'codec.input_size': [40, 32],
    'codec.heatmap_size': [40, 32],
    'codec.sigma': 1.5,
    'student.backbone.base_channels': 8,
    'student.head.in_channels': 8,
    'supervised_epochs': 2,
    'epoch_length': 2,
    'batch_size': 4,
    'ramp_length': 3,
    'semi_stage.model.log_interval': 1,
    # whatever the first stage says is accepted: it has hardly learnt anything
    'accept': [[0, None]],
    'pseudo_label_job.batch_size': 2,
}
SEMISEG = COMMON | {
    'labels': 0.5,
    'input_size': [64, 64],
    'supervised_epochs': 2,
    'epoch_length': 2,
    'batch_size': 4,
    'ramp_length': 3,
    'annotation.batch_size': 2,
}
ENDODEPTH = COMMON | {
    'input_size': [48, 32],
    'sfm_settings.multiple': 16,
    'adjacent': [1, 3],
    'train_set.patients': [1, 2],
    'val_set.patients': [3],
    'test_set.patients': [4],
    'student.backbone.down_layers': [2, 2],
    'student.backbone.middle_layers': 2,
    'student.backbone.growth': 4,
    'student.backbone.first_channels': 8,
    'student.decode_head.in_channels': 32,
    'semi_stage.model.log_interval': 1,
    'epoch_length': 2,
    'batch_size': 2,
    'half_cycle': 3,
    'teacher_network.backbone.depth': 3,
    'teacher_network.backbone.base_channels': 4,
    'teacher_network.decode_head.in_channels': 4,
    'teacher_epochs': 2,
    'distil_epochs': 2,
}


def _animals(out: Path) -> None:
    species = [species.name for species in SPECIES[:2]]
    counts = dict(num_train=24, num_val=4, num_test=2)
    animals(out, **counts, image_size=(64, 80), species=species, progress=False)


def _persons(out: Path) -> None:
    counts = dict(num_train=12, num_val=3, num_test=2)
    persons(out, **counts, image_size=(64, 80), progress=False)


def _instruments(out: Path) -> None:
    counts = dict(num_train=8, num_val=2, num_seen=4, num_unseen=2)
    instruments(out, **counts, width=100, progress=False)


def _polyps(out: Path) -> None:
    counts = dict(num_train=8, num_valid=3, num_test=3, num_unlabelled=4)
    polyps(out, **counts, progress=False)


def _tubes(out: Path) -> None:
    tubes(out, patients=4, frames=6, points=150, width=96, progress=False)


SYSTEMS = {
    system.name: system
    for system in (
        System(
            'scarcenet',
            'scarcenet/resnet18_toyanimals_5shot.py',
            _animals,
            'annotations/ap10k-train-split1.json',
            SCARCENET,
        ),
        System(
            'posedual',
            'posedual/resnet18_toypersons_posedual-cutout.py',
            _persons,
            'annotations/person_keypoints_train.json',
            POSEDUAL,
        ),
        System(
            'ssl2dpose',
            'ssl2dpose/daunet_toyinstruments_pseudo-label.py',
            _instruments,
            '**/train1_labels.json',
            SSL2DPOSE,
        ),
        System(
            'endodepth',
            'endodepth/fcdensenet_toytubes_teacher-student.py',
            _tubes,
            'bag_1/*/structure.ply',
            ENDODEPTH,
        ),
        System(
            'semiseg',
            'semiseg/fpenet_toypolyps_data-distillation.py',
            _polyps,
            'Labels/train/*.png',
            SEMISEG,
        ),
    )
}
