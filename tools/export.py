"""Write one network of a run as files of its own, for mmpose or mmseg alone.

Depth networks need this toolbox, but nothing of their training.

Example:
    python tools/export.py work_dirs/run/epoch_150.pth --which teacher --out exported
"""

from ssltoolbox.apis.cli import add_trust_checkpoint, command_line, readable_errors
from ssltoolbox.apis.export import export_model
from ssltoolbox.semi.network_names import PEERS


@readable_errors
def main(arguments: list[str] | None = None) -> None:
    """Run from the command line."""
    parser = command_line(__doc__)
    parser.add_argument('checkpoint', help='.pth file of a run')
    parser.add_argument(
        '--which',
        choices=['auto', 'student', 'teacher', *PEERS],
        default='auto',
        help='network to write; auto: the teacher if there is one, or net1',
    )
    parser.add_argument('--out', required=True, help='folder to write to')
    parser.add_argument(
        '--config', help='config of the run, if it is not in the checkpoint'
    )
    add_trust_checkpoint(parser)
    args = parser.parse_args(arguments)
    exported = export_model(args.checkpoint, args.out, args.which, args.config)
    print(f'{exported.which} written: {exported.config} and {exported.checkpoint}')
    for note in exported.notes:
        print(f'note: {note}')


if __name__ == '__main__':
    main()
