"""Tie the semi-supervised model to the runner."""

from mmengine.hooks import Hook
from mmengine.model import is_model_wrapper

from ssltoolbox.registry import HOOKS
from ssltoolbox.semi.progress import Progress


def unwrap(model):
    """Model inside a distributed wrapper."""
    return model.module if is_model_wrapper(model) else model


@HOOKS.register_module()
class SemiSupervisionHook(Hook):
    """Tell the model where the training is, and move its teacher.

    The teacher moves from a hook of the optimiser itself, so exactly once per step
    that was really taken: not within gradient accumulation, and not where a loss
    scaler skipped a step.
    """

    priority = 'VERY_HIGH'

    def before_train(self, runner) -> None:  # noqa: D102
        model = unwrap(runner.model)

        def after_step(optimizer, *_) -> None:
            # a fused optimiser is called for a skipped step too, and skips it inside
            skipped = getattr(optimizer, 'found_inf', None)
            if skipped is None or not skipped.item():
                model.after_optimizer_step()

        runner.optim_wrapper.optimizer.register_step_post_hook(after_step)

    def before_train_iter(self, runner, batch_idx, data_batch=None) -> None:  # noqa: D102
        unwrap(runner.model).progress = Progress(
            runner.iter, runner.epoch, runner.max_iters, runner.max_epochs
        )
