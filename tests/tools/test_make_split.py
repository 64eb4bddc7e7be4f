import json
import runpy
from pathlib import Path

import pytest

from ssltoolbox.datasets.label_list import load_label_list
from ssltoolbox.datasets.pose.few_shot import FewShotPoseDataset

TOOL = Path(__file__).parents[2] / 'tools' / 'make_split.py'


@pytest.fixture(scope='module')
def main():
    return runpy.run_path(str(TOOL))['main']


@pytest.fixture
def file(tmp_path):
    """40 images: ids 1 to 40, odd ones show class 1, even ones class 2."""
    content = dict(
        info=dict(description='toys'),
        images=[dict(id=i, file_name=f'{i}.jpg', clip=i % 8) for i in range(1, 41)],
        annotations=[
            dict(id=i, image_id=i, category_id=1 + i % 2, keypoints=[1, 1, 2])
            for i in range(1, 41)
        ],
        categories=[dict(id=1, name='a'), dict(id=2, name='b')],
    )
    path = tmp_path / 'toys.json'
    path.write_text(json.dumps(content))
    return path


def test_writes_nested_lists_for_every_fold(main, file, tmp_path, capsys):
    out = tmp_path / 'lists'
    main([str(file), '--per-class', '2', '5', '--folds', '2', '--out', str(out)])
    assert sorted(path.name for path in out.iterdir()) == [
        'toys_2shot_fold0.json',
        'toys_2shot_fold1.json',
        'toys_5shot_fold0.json',
        'toys_5shot_fold1.json',
    ]
    two, five, other = (
        load_label_list(out / f'toys_{name}.json')
        for name in ('2shot_fold0', '5shot_fold0', '2shot_fold1')
    )
    assert set(two.ids) < set(five.ids) and two.ids != other.ids
    assert len(two) == 4 and sum(i % 2 for i in two.ids) == 2
    assert two.dataset == 'toys'
    assert two.params == dict(
        annotations='toys.json', seed=0, group_by=None, per_class=2
    )
    printed = capsys.readouterr().out
    assert '40 images can be labelled, 2 classes' in printed
    assert two.sha256[:12] in printed


def test_fractions_counts_and_groups(main, file, tmp_path):
    out = str(tmp_path)
    main([str(file), '--fractions', '10', '2.5', '--count', '7', '--out', out])
    sizes = {'10percent': 4, '2.5percent': 1, '7images': 7}
    for name, size in sizes.items():
        assert len(load_label_list(tmp_path / f'toys_{name}_fold0.json')) == size
    main([str(file), '--per-class', '5', '--group-by', 'clip', '--out', out])
    ids = load_label_list(tmp_path / 'toys_5shot_fold0.json').ids
    assert len({i % 8 for i in ids}) == 2 and len(ids) == 10


@pytest.fixture
def crowded(tmp_path):
    """Persons 100 to 129 on the images 1 to 10, three on each; image 10 is held out."""
    content = dict(
        images=[
            dict(id=i, file_name=f'{i}.jpg', width=50, height=50) for i in range(1, 11)
        ],
        annotations=[
            dict(
                id=100 + i,
                image_id=1 + i // 3,
                category_id=1,
                bbox=[0, 0, 40, 40],
                area=1600,
                keypoints=[5, 5, 2] * 17,
            )
            for i in range(30)
        ],
        categories=[dict(id=1, name='person')],
    )
    (tmp_path / 'people.json').write_text(json.dumps(content))
    val = dict(content, images=content['images'][9:], annotations=[])
    (tmp_path / 'val.json').write_text(json.dumps(val))
    return tmp_path


def test_instances_are_drawn_listed_and_found_by_the_data_set(main, crowded):
    out = str(crowded / 'lists')
    file = str(crowded / 'people.json')
    main([file, '--count', '4', '9', '--instances', '--out', out])
    four, nine = (
        load_label_list(crowded / 'lists' / f'people_{n}instances_fold0.json')
        for n in (4, 9)
    )
    assert four.key == 'annotation_id'
    assert set(four.ids) < set(nine.ids) < set(range(100, 130)) and len(nine) == 9
    people = dict(
        type='ssltoolbox.CocoPoseDataset',
        ann_file=file,
        metainfo=dict(from_file='configs/_base_/datasets/coco.py'),
    )
    parts = [
        FewShotPoseDataset(people, str(nine.path), part).ids.tolist()
        for part in ('labelled', 'unlabelled')
    ]
    assert parts[0] == sorted(nine.ids)
    assert sorted(sum(parts, [])) == list(range(100, 130))


def test_instances_of_held_out_images_are_refused(main, crowded):
    arguments = ['--count', '30', '--instances', '--out', str(crowded / 'lists')]
    forbid = ['--forbid', str(crowded / 'val.json')]
    with pytest.raises(SystemExit, match='3 of 30 ids belong to the validation'):
        main([str(crowded / 'people.json'), *arguments, *forbid])


def test_more_instances_than_there_are_is_one_sentence(main, crowded):
    arguments = ['--count', '31', '--instances', '--out', str(crowded / 'lists')]
    with pytest.raises(SystemExit, match='1 to 30 .*asked for 31'):
        main([str(crowded / 'people.json'), *arguments])


def test_divides_into_three_files(main, file, tmp_path):
    main([str(file), '--divide', '24', '10', '--out', str(tmp_path / 'parts')])
    parts = [
        json.loads((tmp_path / 'parts' / f'toys_{name}.json').read_text())
        for name in ('train', 'val', 'test')
    ]
    assert [len(part['images']) for part in parts] == [24, 10, 6]
    assert parts[2]['categories'] and parts[2]['info'] == {'description': 'toys'}


def test_leak_is_refused_and_nothing_written(main, file, tmp_path):
    val = tmp_path / 'val.json'
    val.write_text(json.dumps(dict(images=[dict(id=3, file_name='3.jpg')])))
    out = tmp_path / 'lists'
    with pytest.raises(SystemExit, match='validation or test'):
        main([str(file), '--count', '40', '--forbid', str(val), '--out', str(out)])
    assert not out.exists()


@pytest.mark.parametrize(
    'arguments',
    [
        [],
        ['--divide', '1', '2', '--count', '3'],
        ['--count', '3', '--folds', '0'],
        ['--divide', '3', '4', '--instances'],
    ],
)
def test_wrong_arguments(main, file, arguments):
    with pytest.raises(SystemExit):
        main([str(file), '--out', 'x', *arguments])


def test_absent_file_ends_with_a_sentence(main, tmp_path):
    with pytest.raises(SystemExit, match='error: annotation file .* does not exist'):
        main([str(tmp_path / 'no.json'), '--count', '1', '--out', str(tmp_path)])
