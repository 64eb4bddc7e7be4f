"""Save first, remove afterwards: no moment without a checkpoint."""

import os.path as osp
from pathlib import Path

from mmengine.dist import is_main_process, master_only
from mmengine.hooks import CheckpointHook as BaseCheckpointHook
from mmengine.runner import Runner

from ssltoolbox.registry import HOOKS
from ssltoolbox.utils.atomic import write_text


@HOOKS.register_module()
class CheckpointHook(BaseCheckpointHook):
    """mmengine's ``CheckpointHook``, safe against kills and full disks.

    The original removes the oldest or the previous best file before it writes the
    new one, so a kill in between loses both, and removes whatever path a resumed
    file names. Here a file is removed once the new one is in place and
    ``last_checkpoint`` names it, and only in the run's own folder. Arguments as in
    mmengine.
    """

    def _save_checkpoint_with_step(self, runner: Runner, step: int, meta: dict) -> None:
        outdated = self._outdated(runner, step)
        name = self.filename_tmpl.format(step)
        self.last_ckpt = self.file_backend.join_path(self.out_dir, name)
        runner.message_hub.update_info('last_ckpt', self.last_ckpt)
        runner.save_checkpoint(
            self.out_dir,
            name,
            self.file_client_args,
            save_optimizer=self.save_optimizer,
            save_param_scheduler=self.save_param_scheduler,
            meta=meta,
            by_epoch=self.by_epoch,
            backend_args=self.backend_args,
            **self.args,
        )
        if is_main_process():
            write_text(Path(runner.work_dir, 'last_checkpoint'), self.last_ckpt)
        self._remove(outdated)

    def _outdated(self, runner: Runner, step: int) -> list[str]:
        """Enter ``step`` in the list of kept ones; give the files that leave it."""
        if self.max_keep_ckpts <= 0 or step in self.keep_ckpt_ids:
            return []
        kept = [*self.keep_ckpt_ids, step]
        gone, kept = kept[: -self.max_keep_ckpts], kept[-self.max_keep_ckpts :]
        self.keep_ckpt_ids.extend(kept)
        runner.message_hub.update_info('keep_ckpt_ids', kept)
        names = map(self.filename_tmpl.format, gone)
        return [self.file_backend.join_path(self.out_dir, name) for name in names]

    def _save_best_checkpoint(self, runner: Runner, metrics: dict) -> None:
        if not self.save_best:
            return
        old = self._best_paths()
        # The original removes what it finds here; an empty entry keeps the file.
        self._set_best_paths(dict.fromkeys(old))
        try:
            super()._save_best_checkpoint(runner, metrics)
        finally:
            new = {
                key: path or old.get(key) for key, path in self._best_paths().items()
            }
            self._set_best_paths(new)
        self._remove([path for path in old.values() if path not in new.values()])

    def _best_paths(self) -> dict[str, str | None]:
        if len(self.key_indicators) == 1:
            return {'': self.best_ckpt_path}
        return dict(self.best_ckpt_path_dict)

    def _set_best_paths(self, paths: dict[str, str | None]) -> None:
        if len(self.key_indicators) == 1:
            self.best_ckpt_path = paths['']
        else:
            self.best_ckpt_path_dict = dict(paths)

    @master_only
    def _remove(self, paths: list[str | None]) -> None:
        folder = osp.abspath(self.out_dir)
        for path in filter(None, paths):
            if osp.dirname(osp.abspath(path)) != folder:
                continue
            if self.file_backend.isfile(path):
                self.file_backend.remove(path)
            elif self.file_backend.isdir(path):
                self.file_backend.rmtree(path)
