#!/usr/bin/env bash
# Train with several GPUs, or with several processes where there is no GPU:
#
#   tools/dist_train.sh CONFIG GPUS [options of tools/train.py]
#
# On several machines run it on each, with NNODES, NODE_RANK, MASTER_ADDR and PORT set.
# If one process dies, all are ended, and the report names the first that failed.
set -euo pipefail
if [ $# -lt 2 ]; then
    echo "usage: $0 CONFIG GPUS [options of tools/train.py]" >&2
    exit 2
fi
config=$1 gpus=$2
here=$(cd "$(dirname "$0")" && pwd)
# a free port is found where none is asked for
where=(--standalone)
if [ -n "${PORT:-}" ] || [ "${NNODES:-1}" -gt 1 ]; then
    where=(--nnodes "${NNODES:-1}" --node_rank "${NODE_RANK:-0}"
           --master_addr "${MASTER_ADDR:-127.0.0.1}" --master_port "${PORT:-29500}")
fi
exec "${PYTHON:-python}" -m torch.distributed.run "${where[@]}" \
    --nproc_per_node "$gpus" "$here/train.py" "$config" --launcher pytorch "${@:3}"
