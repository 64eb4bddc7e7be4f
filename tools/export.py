"""Write the student or teacher of a run as files for mmpose alone.

python tools/export.py work_dirs/run/epoch_150.pth --which teacher --out exported
"""

import argparse
import sys

from ssltoolbox.apis.export import export_model
from ssltoolbox.engine.checkpoint import trust_checkpoints


def main(arguments: list[str] | None = None) -> None:
    """Run from the command line."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument('checkpoint', help='.pth file of a run')
    parser.add_argument(
        '--which',
        choices=['auto', 'student', 'teacher'],
        default='auto',
        help='network to write; auto: the teacher if there is one',
    )
    parser.add_argument('--out', required=True, help='folder to write to')
    parser.add_argument(
        '--config', help='config of the run, if it is not in the checkpoint'
    )
    parser.add_argument(
        '--trust-checkpoint',
        action='store_true',
        help='read the file even if that runs code from it; know where it comes from',
    )
    args = parser.parse_args(arguments)
    if args.trust_checkpoint:
        trust_checkpoints()
    try:
        exported = export_model(args.checkpoint, args.out, args.which, args.config)
    except (OSError, ValueError, RuntimeError) as error:
        sys.exit(str(error))
    print(f'{exported.which} written: {exported.config} and {exported.checkpoint}')
    for note in exported.notes:
        print(f'note: {note}')


if __name__ == '__main__':
    main()
