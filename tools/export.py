"""Write one network of a run as files of its own, for other programs.

``--format mm``: a config and a checkpoint that mmpose or mmseg use by themselves; depth
networks need this toolbox, but nothing of their training. ``--format onnx``: a graph
that takes 8-bit images, with a JSON beside it that says how to feed it.

Example:
    python tools/export.py work_dirs/run/epoch_150.pth --which teacher --out exported
    python tools/export.py work_dirs/run/epoch_150.pth --format onnx --out exported
"""

from ssltoolbox.apis.cli import add_trust_checkpoint, command_line, readable_errors
from ssltoolbox.apis.exporting.export import export_model, network_title
from ssltoolbox.apis.exporting.onnx_export import OPSET, export_onnx
from ssltoolbox.checkpoints.network_names import PEERS


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
    parser.add_argument('--format', choices=['mm', 'onnx'], default='mm')
    onnx = parser.add_argument_group('of --format onnx')
    onnx.add_argument(
        '--input-size',
        type=int,
        nargs=2,
        metavar=('W', 'H'),
        help='of the images in px, if the config does not say, or another one',
    )
    onnx.add_argument(
        '--opset', type=int, help=f"of ONNX's operators, {OPSET} by default"
    )
    add_trust_checkpoint(parser)
    args = parser.parse_args(arguments)
    run = (args.checkpoint, args.out, args.which, args.config)
    if args.format == 'onnx':
        size = tuple(args.input_size) if args.input_size else None
        graph = export_onnx(*run, size, OPSET if args.opset is None else args.opset)
        files, notes = (graph.graph, graph.description), graph.notes
        which = graph.which
    else:
        if args.input_size or args.opset is not None:
            parser.error('--input-size and --opset go with --format onnx')
        plain = export_model(*run)
        files, notes = (plain.config, plain.checkpoint), plain.notes
        which = plain.which
    print(f'{network_title(which)} written: {files[0]} and {files[1]}')
    if args.format == 'onnx':
        told = graph.difference
        print(
            'not compared with the network: onnxruntime is not installed'
            if told is None
            else f'under onnxruntime it differs from the network by {told:.1e} at most'
        )
    for note in notes:
        print(f'note: {note}')


if __name__ == '__main__':
    main()
