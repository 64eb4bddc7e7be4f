import pytest

from ssltoolbox.datasets.seg.codes_file import read_codes, write_codes


def test_a_line_for_each_class(tmp_path):
    path = tmp_path / 'codes.txt'
    path.write_text('background,0\nlesion,128,255\nvessel,7\n')
    assert read_codes(path) == dict(
        classes=('background', 'lesion', 'vessel'), codes=((0,), (128, 255), (7,))
    )


def test_blank_lines_blanks_and_a_byte_order_mark_mean_nothing(tmp_path):
    path = tmp_path / 'codes.txt'
    path.write_bytes(
        '\ufeff background , 0\r\n\r\n blood vessel,7 ,  8\r\n \r\n'.encode()
    )
    found = read_codes(path)
    assert found['classes'] == ('background', 'blood vessel')
    assert found['codes'] == ((0,), (7, 8))


@pytest.mark.parametrize(
    'text, says',
    [
        ('', 'names 0 classes, expected two or more'),
        ('background,0\n\n', 'names 1 classes'),
        ('background,0\npolyp\n', "line 2 is 'polyp', expected 'name,value'"),
        ('background,0\n\n,255\n', "line 3 is ',255'"),
        ('background,0\npolyp,x\n', "line 2 is 'polyp,x'"),
        ('background,0\npolyp,-1\n', "line 2 is 'polyp,-1'"),
        ('background,0\npolyp,255,\n', "line 2 is 'polyp,255,'"),
        ('background,0\npolyp,256\n', 'codes.txt: codes: class 1 has the value 256'),
        ('background,0\npolyp,0\n', 'value 0 belongs to class 0 and to class 1'),
        ('polyp,0\npolyp,1\n', "line 2: class 'polyp' has two lines"),
    ],
)
def test_what_is_no_list_of_classes_is_refused(tmp_path, text, says):
    path = tmp_path / 'codes.txt'
    path.write_text(text)
    with pytest.raises(ValueError, match=says):
        read_codes(path)


def test_an_absent_or_binary_file_is_named(tmp_path):
    path = tmp_path / 'codes.txt'
    with pytest.raises(
        FileNotFoundError, match="codes.txt does not exist.*'polyp,255'"
    ):
        read_codes(path)
    path.write_bytes(b'\xff\xfe\x00')
    with pytest.raises(ValueError, match='no UTF-8 text'):
        read_codes(path)


def test_written_classes_are_read_again(tmp_path):
    path = tmp_path / 'made' / 'codes.txt'
    write_codes(path, ('background', 'lung'), [[0], [255, 1]])
    assert path.read_text() == 'background,0\nlung,255,1\n'
    assert read_codes(path)['codes'] == ((0,), (255, 1))
    for name in ('a,b', ' ', 'a\nb'):
        with pytest.raises(ValueError, match='cannot be the name of a class'):
            write_codes(path, ('background', name), [[0], [1]])
