import hashlib

from ssltoolbox.utils.digest import file_sha256, name_id, settings_sha256


def test_file_longer_than_a_block(tmp_path):
    content = bytes(range(256)) * 8200
    (tmp_path / 'a').write_bytes(content)
    assert file_sha256(tmp_path / 'a') == hashlib.sha256(content).hexdigest()


def test_settings_differ_by_value_and_not_by_order():
    assert settings_sha256(dict(a=1, b=2)) == settings_sha256(dict(b=2, a=1))
    assert settings_sha256(dict(a=1)) != settings_sha256(dict(a=2))


def test_an_id_depends_on_the_name_alone_and_fits_int64():
    ids = [name_id(f'{i}.jpg') for i in range(1000)]
    assert len(set(ids)) == 1000 and ids[3] == name_id('3.jpg')
    assert all(0 <= i < 2**63 for i in ids)
