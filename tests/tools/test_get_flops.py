import pytest

CONFIG = """
default_scope = '{scope}'
model = {model}
"""
POSE = """dict(
    type='TopdownPoseEstimator',
    data_preprocessor=dict(type='PoseDataPreprocessor'),
    backbone=dict(type='ResNet', depth=18),
    head=dict(type='HeatmapHead', in_channels=512, out_channels=5,
              deconv_out_channels=None,
              decoder=dict(type='MSRAHeatmap', input_size=(64, 96),
                           heatmap_size=(2, 3), sigma=1)))"""
SEG = """dict(
    type='EncoderDecoder',
    data_preprocessor=dict(type='SegDataPreProcessor', size=(32, 64)),
    backbone=dict(type='ResNetV1c', depth=18, num_stages=4,
                  norm_cfg=dict(type='BN')),
    decode_head=dict(type='FCNHead', in_channels=512, in_index=3, channels=8,
                     num_convs=1, concat_input=False, num_classes=3))"""


@pytest.fixture(scope='module')
def get_flops(tool):
    return tool('get_flops')


@pytest.mark.parametrize(
    ('scope', 'model', 'expected'),
    [
        # 1x1 convolution at 2 x 3 cells, 512 -> 5
        ('mmpose', POSE, ['input: 3 x 96 x 64', 'head', f'{512 * 5 + 5:,}']),
        ('mmseg', SEG, ['input: 3 x 32 x 64', 'decode_head']),
    ],
)
def test_tables_of_plain_configs(get_flops, tmp_path, capsys, scope, model, expected):
    path = tmp_path / 'config.py'
    path.write_text(CONFIG.format(scope=scope, model=model))
    given = [str(path), '--device', 'cpu', '--seconds', '0.01', '--batch-size', '2']
    get_flops.main(given)
    said = capsys.readouterr().out
    for text in [*expected, 'images/s in batches of 2 (cpu', 'total']:
        assert text in said


def test_config_with_stages_and_another_shape(get_flops, toy_config, capsys):
    given = [
        str(toy_config),
        '--device',
        'cpu',
        '--seconds',
        '0',
        '--shape',
        '64',
        '96',
    ]
    get_flops.main([*given, '--stage', 'supervised'])
    said = capsys.readouterr().out
    assert 'input: 3 x 64 x 96' in said and 'images/s' not in said


def test_wrong_input_is_one_line(get_flops, tmp_path, capsys):
    path = tmp_path / 'config.py'
    path.write_text("model = dict(type='mmpose.ResNet', depth=18)")
    with pytest.raises(SystemExit, match='cannot tell the input size'):
        get_flops.main([str(path)])
    with pytest.raises(SystemExit):
        get_flops.main([str(path), '--batch-size', '0'])
    assert 'from 1' in capsys.readouterr().err


def test_accounting_that_counts_more_than_products(get_flops, tmp_path, capsys):
    path = tmp_path / 'config.py'
    path.write_text(CONFIG.format(scope='mmpose', model=POSE))
    given = [str(path), '--device', 'cpu', '--seconds', '0', '--accounting']
    totals = {}
    for accounting in ('products', 'ptflops'):
        get_flops.main([*given, accounting])
        last = [x for x in capsys.readouterr().out.splitlines() if 'total' in x][0]
        totals[accounting] = float(last.split()[-2])
    assert 0.2 < totals['products'] < totals['ptflops'] < 0.3


def test_table_of_networks_beside_published_figures(get_flops, monkeypatch, capsys):
    pytest.importorskip('mmseg')
    few = {name: get_flops.PUBLISHED[name] for name in ('fpenet', 'unet')}
    monkeypatch.setattr(get_flops, 'PUBLISHED', few)
    get_flops.main(['--table'])
    said = capsys.readouterr().out.splitlines()
    assert said[0] == 'Two classes, one image of 3 x 320 x 320.'
    assert said[2].startswith('| network | parameters |')
    assert said[4:6] == [
        '| FPENet | 114,564 | 0.1 | 0.294 | 0.3 | 0.269 |',
        '| U-Net | 13,395,394 | 13.4 | 48.507 | 48.5 | 48.320 |',
    ]


@pytest.mark.parametrize('given', [[], ['config.py', '--table']])
def test_either_a_config_or_the_table(get_flops, given, capsys):
    with pytest.raises(SystemExit):
        get_flops.main(given)
    assert 'give a config, or --table without one' in capsys.readouterr().err
