import hashlib

from ssltoolbox.utils.digest import file_sha256, settings_sha256


def test_file_longer_than_a_block(tmp_path):
    content = bytes(range(256)) * 8200
    (tmp_path / 'a').write_bytes(content)
    assert file_sha256(tmp_path / 'a') == hashlib.sha256(content).hexdigest()


def test_settings_differ_by_value_and_not_by_order():
    assert settings_sha256(dict(a=1, b=2)) == settings_sha256(dict(b=2, a=1))
    assert settings_sha256(dict(a=1)) != settings_sha256(dict(a=2))
