"""Hand pseudo labels to a person, and take corrected ones back into a new store.

Keypoints become COCO JSON, masks coloured PNGs. See docs/exchange.md.

Usage:
    python tools/exchange.py export STORE --out FOLDER [--least-sure N] [--copy-images]
        [--config FILE] [--cfg-options KEY=VALUE ...]
    python tools/exchange.py import FOLDER --store STORE --out NEW_STORE [--by NAME]
        [--checked FILE] [--accept-deleted]
    python tools/exchange.py show STORE
"""

from ssltoolbox.apis.cli import add_cfg_options, command_line, readable_errors
from ssltoolbox.apis.exchange import describe_store, export_store, import_store


@readable_errors
def main(arguments: list[str] | None = None) -> None:
    """Run from the command line."""
    parser = command_line(__doc__)
    actions = parser.add_subparsers(dest='action', required=True)
    out = actions.add_parser('export', help='write files that a person can correct')
    out.add_argument('store', help='folder of a store of pseudo labels')
    out.add_argument('--out', required=True, help='new folder to write to')
    out.add_argument(
        '--config', help='config of the run, if the store lies elsewhere than it'
    )
    out.add_argument(
        '--least-sure',
        type=int,
        metavar='N',
        help='only the N images of which the networks are least sure',
    )
    out.add_argument('--copy-images', action='store_true', help='copy the images, too')
    add_cfg_options(out)
    back = actions.add_parser('import', help='make a store of corrected files')
    back.add_argument('folder', help='folder that was exported')
    back.add_argument('--store', required=True, help='store that it came from')
    back.add_argument('--out', required=True, help='folder of the new store')
    back.add_argument('--by', default='', help='who corrected, for the record')
    back.add_argument(
        '--checked',
        metavar='FILE',
        help='names of images, one a line, whose labels count as corrected in any case',
    )
    back.add_argument(
        '--accept-deleted',
        action='store_true',
        help='instances that are gone from the JSON lose their joints',
    )
    show = actions.add_parser('show', help='say who made the labels of a store')
    show.add_argument('store', help='folder of a store of pseudo labels')
    args = parser.parse_args(arguments)
    if args.action == 'export':
        count = export_store(
            args.store,
            args.out,
            args.config,
            args.cfg_options,
            args.least_sure,
            args.copy_images,
        )
        print(f'labels of {count} images are in {args.out}')
        return
    if args.action == 'import':
        where = (args.folder, args.store, args.out)
        import_store(*where, args.by, args.checked, args.accept_deleted)
    print(
        '\n'.join(describe_store(args.out if args.action == 'import' else args.store))
    )


if __name__ == '__main__':
    main()
