#!/usr/bin/env bash
# Test with several GPUs, or with several processes where there is no GPU:
#
#   tools/dist_test.sh CONFIG CHECKPOINT GPUS [options of tools/test.py]
#
# NNODES, NODE_RANK, MASTER_ADDR and PORT act as for tools/dist_train.sh.
set -euo pipefail
if [ $# -lt 3 ]; then
    echo "usage: $0 CONFIG CHECKPOINT GPUS [options of tools/test.py]" >&2
    exit 2
fi
config=$1 checkpoint=$2 gpus=$3
here=$(cd "$(dirname "$0")" && pwd)
# a free port is found where none is asked for
where=(--standalone)
if [ -n "${PORT:-}" ] || [ "${NNODES:-1}" -gt 1 ]; then
    where=(--nnodes "${NNODES:-1}" --node_rank "${NODE_RANK:-0}"
           --master_addr "${MASTER_ADDR:-127.0.0.1}" --master_port "${PORT:-29500}")
fi
exec "${PYTHON:-python}" -m torch.distributed.run "${where[@]}" \
    --nproc_per_node "$gpus" "$here/test.py" "$config" "$checkpoint" \
    --launcher pytorch "${@:4}"
