#!/usr/bin/env bash
# Train on a cluster with slurm:
#
#   tools/slurm_train.sh PARTITION JOB_NAME CONFIG WORK_DIR [options of tools/train.py]
#
# Variables: GPUS, GPUS_PER_NODE, CPUS_PER_TASK, and SRUN_ARGS for other options.
set -euo pipefail
if [ $# -lt 4 ]; then
    echo "usage: $0 PARTITION JOB_NAME CONFIG WORK_DIR [options]" >&2
    exit 2
fi
gpus=${GPUS:-8}
per_node=${GPUS_PER_NODE:-$((gpus < 8 ? gpus : 8))}
here=$(cd "$(dirname "$0")" && pwd)
# SRUN_ARGS holds several words
# shellcheck disable=SC2086
exec srun -p "$1" --job-name="$2" --gres=gpu:"$per_node" --ntasks="$gpus" \
    --ntasks-per-node="$per_node" --cpus-per-task="${CPUS_PER_TASK:-5}" \
    --kill-on-bad-exit=1 ${SRUN_ARGS:-} \
    "${PYTHON:-python}" -u "$here/train.py" "$3" --work-dir "$4" \
    --launcher slurm "${@:5}"
