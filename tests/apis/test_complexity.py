import pytest
import torch
from mmengine import Config
from torch import nn

from ssltoolbox.apis.complexity import count_parts, images_per_second, input_size


class Net(nn.Module):
    """(3, 8, 12) -> conv (4, 4, 6) -> depthwise (4, 4, 6) -> transposed (2, 8, 12)."""

    def __init__(self):
        super().__init__()
        self.backbone = nn.Sequential(
            nn.Conv2d(3, 4, 3, stride=2, padding=1), nn.ReLU()
        )
        self.neck = nn.Conv2d(4, 4, 3, padding=1, groups=4, bias=False)
        self.head = nn.ConvTranspose2d(4, 2, 2, stride=2)
        self.unused = nn.Identity()

    def forward(self, inputs, samples, mode):
        assert samples is None and mode == 'tensor' and not self.training
        return self.head.forward(self.neck(self.backbone(inputs)))


def test_counts_by_hand():
    network = Net()
    parts = count_parts(network, torch.zeros(1, 3, 8, 12))
    assert [part.name for part in parts] == ['backbone', 'neck', 'head', 'total']
    assert [part.parameters for part in parts] == [
        4 * 3 * 9 + 4,
        4 * 9,
        4 * 2 * 4 + 2,
        112 + 36 + 34,
    ]
    cells = 4 * 6
    assert [part.macs for part in parts] == [
        cells * 4 * 3 * 9,
        cells * 4 * 9,
        cells * 4 * 2 * 4,
        cells * (108 + 36 + 32),
    ]
    # the network is as it was
    assert 'forward' not in vars(network.head)


def test_area_scales_the_work_not_the_parameters():
    small, large = (
        count_parts(Net(), torch.zeros(1, 3, *size))[-1] for size in ((8, 12), (16, 36))
    )
    assert large.macs == 6 * small.macs and large.parameters == small.parameters


def test_images_per_second_counts_images_not_passes(monkeypatch):
    clock = iter(range(100))
    monkeypatch.setattr('time.perf_counter', lambda: next(clock))
    # start at 0; five passes are looked at once; the clock is read at 1 at the end
    network = Net()
    speed = images_per_second(network, torch.zeros(4, 3, 8, 12), seconds=0)
    assert speed == pytest.approx(5 * 4 / 2)


def make(**fields):
    return Config(dict(model=dict(type='Some', **fields.pop('model', {})), **fields))


def test_where_the_input_size_is_found():
    codec = dict(type='MSRAHeatmap', input_size=(48, 64))
    assert input_size(make(model=dict(head=dict(decoder=codec)))) == (64, 48)
    both = make(model=dict(student=dict(head=dict(decoder=[codec]))))
    assert input_size(both) == (64, 48)
    pipeline = [dict(type='LoadImage'), dict(type='ImageView', input_size=(320, 256))]
    loader = dict(dataset=dict(pipeline=pipeline))
    assert input_size(make(val_dataloader=loader)) == (256, 320)
    segmentor = make(model=dict(data_preprocessor=dict(size=(512, 1024))))
    assert input_size(segmentor) == (512, 1024)
    with pytest.raises(ValueError, match='--shape H W'):
        input_size(make())
