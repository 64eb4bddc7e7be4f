#!/usr/bin/env bash
# Install ssltoolbox and what it needs, in the one order that works.
#
#   tools/setup_env.sh [docs]
#
# With `docs` also what builds the documentation.
# Uses the active environment (VIRTUAL_ENV or CONDA_PREFIX), else makes .venv in the
# project. Running it again costs nothing while the requirements stay the same. An
# environment with the original OpenMMLab packages keeps their versions.
# PYTHON=/path/to/python chooses the interpreter of a new .venv.
set -euo pipefail
cd "$(dirname "$0")/.."

say() { printf 'setup: %s\n' "$*"; }
die() { printf 'setup: %s\n' "$*" >&2; exit 1; }

usable() { "$1" -c 'import sys; sys.exit(not (3, 10) <= sys.version_info[:2] <= (3, 12))' >/dev/null 2>&1; }

find_python() {
    local candidate
    # A pyenv shim may exist without a version behind it, so each one is run.
    for candidate in ${PYTHON:-} python3 python3.11 python3.12 python3.10; do
        if usable "$candidate"; then echo "$candidate"; return; fi
    done
    return 1
}

make_env() {
    local chosen found
    if ! chosen=$(find_python); then
        found=$(python3 --version 2>&1 | head -n 1) || found='no working python3'
        die "Python 3.10, 3.11 or 3.12 is needed, but this machine has ${found}: install one, or name it with PYTHON=/path/to/python3.11."
    fi
    say "making .venv with $("$chosen" --version 2>&1)"
    "$chosen" -m venv --clear .venv >/dev/null 2>&1 ||
        die "$chosen cannot make virtual environments: install its venv module (on Debian and Ubuntu: apt install python3-venv)."
}

fail() {
    if grep -q 'Python\.h' "$log"; then
        die "the headers of Python are missing: install them (on Debian and Ubuntu: apt install python3-dev)."
    elif grep -qiE 'No space left' "$log"; then
        die "the disk is full: free some space and run this again."
    elif grep -qiE 'connection|name resolution|timed out|unreachable|ProxyError' "$log"; then
        die "$1 could not be downloaded: check the network (or PIP_INDEX_URL) and run this again; details are in $log."
    fi
    die "$1 could not be installed: see the end of $log."
}

# install WHAT PIP-ARGUMENTS...
install() {
    local what=$1
    shift
    say "installing $what"
    "$python" -m pip install --disable-pip-version-check --no-input ${pins[@]+"${pins[@]}"} "$@" >>"$log" 2>&1 || fail "$what"
}

works() { "$python" -c "$1" >/dev/null 2>&1; }

install_stack() {
    install 'build tools' -r requirements/build.txt
    works 'import torch' || install 'torch (the largest part)' 'torch>=2.4,<2.14'
    install 'mmengine, mmcv and the rest' -r requirements/runtime.txt -r requirements/seg.txt -r requirements/depth.txt -r requirements/tensorboard.txt
    install mmpose --no-deps -r requirements/unresolvable.txt
    if ! works 'import xtcocotools.mask'; then
        # The published wheel was built for numpy 1.
        "${CC:-cc}" --version >/dev/null 2>&1 ||
            die "a C compiler is needed to build xtcocotools: install one (on Debian and Ubuntu: apt install build-essential)."
        install 'xtcocotools from source' --no-build-isolation --no-binary xtcocotools --no-deps --force-reinstall xtcocotools
    fi
    if ! problem=$("$python" -c 'import cv2' 2>&1); then
        case $problem in
            *libGL* | *libgthread*) die "OpenCV needs a system library: install it (on Debian and Ubuntu: apt install libgl1 libglib2.0-0), or replace opencv-python by opencv-python-headless." ;;
            *) die "OpenCV cannot be imported: ${problem##*$'\n'}." ;;
        esac
    fi
}

install_extra() {
    [ "${1:-}" = docs ] || return 0
    works 'import furo, latex2mathml, myst_parser' || install 'the tools for the documentation' -r requirements/docs.txt
}

env_dir=${VIRTUAL_ENV:-${CONDA_PREFIX:-}}
if [ -n "$env_dir" ]; then
    python=$env_dir/bin/python
    usable "$python" || die "the active environment $env_dir has no Python 3.10, 3.11 or 3.12: activate another one, or deactivate it to have .venv made."
else
    env_dir=$PWD/.venv
    python=$env_dir/bin/python
    usable "$python" || make_env
fi

# The pinned versions exist for Python 3.11 and later, and are for our own .venv only.
pins=()
if [ "$env_dir" = "$PWD/.venv" ] && works 'import sys; assert sys.version_info >= (3, 11)'; then
    pins=(-c requirements/constraints.txt)
fi

stamp=$env_dir/.ssltoolbox-setup
log=$env_dir/ssltoolbox-setup.log
now=$({ pwd; cat requirements/*.txt setup.py tools/setup_env.sh; } | cksum)
if [ "$(cat "$stamp" 2>/dev/null)" = "$now" ]; then
    install_extra "$@"
    exit 0
fi

: >"$log" || die "$env_dir is not writable: activate an environment of your own."
works 'import pip' || "$python" -m ensurepip >>"$log" 2>&1 || die "the environment $env_dir has no pip: install it."
say "using $env_dir"
# Two distributions provide the import name mmengine: never mix them.
if works 'from importlib.metadata import version; version("mmengine")'; then
    say 'this environment holds the original OpenMMLab packages: they keep their versions'
else
    install_stack
fi
install 'the tools for tests' -r requirements/dev.txt -r requirements/onnx.txt
isolation=()
works 'import setuptools, wheel' && isolation=(--no-build-isolation)
install ssltoolbox --no-deps ${isolation[@]+"${isolation[@]}"} -e .
problem=$("$python" -c 'import ssltoolbox.registry' 2>&1) || die "${problem##*$'\n'}"
printf '%s\n' "$now" >"$stamp"
install_extra "$@"
say "done: . ${env_dir}/bin/activate"
