from importlib.util import find_spec
from pathlib import Path

import pytest

from ssltoolbox.apis.config import read_config
from ssltoolbox.apis.data_files import generator_of, require_data

CONFIGS = Path(__file__).parents[2] / 'configs'


@pytest.mark.parametrize(
    'config, kind',
    [
        ('scarcenet/resnet18_toyanimals_5shot', 'animals'),
        ('posedual/resnet18_toypersons_posedual', 'persons'),
        ('ssl2dpose/daunet_toyinstruments_vat', 'instruments'),
        ('semiseg/fpenet_toypolyps_data-distillation', 'polyps'),
        ('endodepth/fcdensenet_toytubes_sfm', 'tubes'),
    ],
)
def test_absent_generated_data_are_told_with_the_command_that_draws_them(
    config, kind, tmp_path, monkeypatch
):
    monkeypatch.chdir(tmp_path)
    module = f'ssltoolbox.testing.toy_{kind}'
    hint = f'Draw it by `python -m {module} --out data/toy_{kind}`'
    with pytest.raises(FileNotFoundError, match=hint):
        require_data(read_config(CONFIGS / f'{config}.py'))
    assert find_spec(f'{module}.__main__')


@pytest.mark.parametrize('name', ['ap10k', 'toy_cars', 'toy animals', ''])
def test_other_folders_have_no_generator(name):
    assert generator_of(f'data/{name}') is None
