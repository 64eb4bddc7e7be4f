"""Fetch a checkpoint from the network once, into torch's own cache."""

import os
from pathlib import Path
from urllib.parse import urlparse

import torch
from mmengine.dist import barrier, get_dist_info


def cached_download(
    url: str, folder: str | os.PathLike | None = None, progress: bool = True
) -> Path:
    """Download ``url`` unless it is cached; one process does it for all.

    Args:
        url: An ``http(s)://`` address whose path ends in a file name.
        folder: Where to keep it; default ``<torch hub>/checkpoints``.
        progress: Draw a progress bar.

    Returns:
        The file on this machine.

    Raises:
        ConnectionError: It could not be fetched; says where to put it by hand.
    """
    folder = Path(folder or Path(torch.hub.get_dir(), 'checkpoints')).expanduser()
    file = folder / os.path.basename(urlparse(url).path)
    rank, _ = get_dist_info()
    if rank == 0:
        _fetch(url, file, progress)
    barrier()
    # Machines of one job need not share a disk.
    _fetch(url, file, progress)
    return file


def _fetch(url: str, file: Path, progress: bool) -> None:
    if file.exists():
        return
    file.parent.mkdir(parents=True, exist_ok=True)
    try:
        torch.hub.download_url_to_file(url, str(file), progress=progress)
    except OSError as error:
        raise ConnectionError(
            f'cannot download {url} ({error}): check the network, or fetch it '
            f'elsewhere and put it at {file}.'
        ) from error
