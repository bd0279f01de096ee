# Sourced by the scripts beside it: makes or renews .venv with pip, nothing else needed than Python 3.11+.
# Usage: source _environment.sh [extra]; sets $root and $bin.
root=$(cd "$(dirname "${BASH_SOURCE[0]}")/.." && pwd)
extra=${1:-}
bin="$root/.venv/bin"
stamp="$root/.venv/installed${extra:+-$extra}"

find_python() {
    local candidate
    for candidate in python3 python3.11 python3.12 python3.13 python; do
        if command -v "$candidate" >/dev/null 2>&1 &&
            "$candidate" -c 'import sys; sys.exit(not (3, 11) <= sys.version_info[:2] < (3, 14))' 2>/dev/null; then
            echo "$candidate"
            return
        fi
    done
    echo "scripts: no Python from 3.11 to 3.13 was found on the PATH; install one (python3 --version)" >&2
    exit 2
}

wanted=$(cat "$root/pyproject.toml" "$root/constraints.txt" | cksum)
if [ "$(cat "$stamp" 2>/dev/null)" != "$wanted" ]; then
    python=$(find_python) || exit 2
    echo "installing into $root/.venv (once; about two minutes and 1.5 GB)" >&2
    [ -x "$bin/python" ] || "$python" -m venv "$root/.venv" || exit 2
    "$bin/python" -m pip install --quiet --disable-pip-version-check \
        -e "$root${extra:+[$extra]}" -c "$root/constraints.txt" >&2 || exit 2
    printf '%s' "$wanted" >"$stamp"
fi
