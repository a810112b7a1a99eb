# Starts the root filesystem of an image as a container runtime would: read-only but for /tmp and the folder of compiled modules, in a network, mount and process
# namespace of its own, as the image's user, without a capability. Asks the health check, then the probe, looks at what the program may do, and ends it by SIGTERM.
# Run under `unshare --mount --net`. Variables: ROOT, RUN_AS, CONFIG (a file), HEALTH, PROBE (programs for `node -e`), LOCKGATE_KEY, IMAGE_ENV (lines); arguments: the entry point with its arguments.
set -eu
user=${RUN_AS%:*} group=${RUN_AS#*:}
mount --make-rprivate /
mount --bind "$ROOT" "$ROOT"
mkdir -p "$ROOT/etc/lockgate"
touch "$ROOT/etc/lockgate/lockgate.json"
mount --bind "$CONFIG" "$ROOT/etc/lockgate/lockgate.json"
mount -t tmpfs -o mode=0755 dev "$ROOT/dev"
for name in null zero random urandom; do
  touch "$ROOT/dev/$name"
  mount --bind "/dev/$name" "$ROOT/dev/$name"
done
mount -t tmpfs -o mode=1777,size=64m tmp "$ROOT/tmp"
mount -t tmpfs -o "mode=0700,uid=$user,gid=$group" cache "$ROOT/var/cache/lockgate"
mount -o remount,bind,ro "$ROOT"
ip link set lo up

inside() {
  env -i $IMAGE_ENV LOCKGATE_KEY="$LOCKGATE_KEY" chroot "$ROOT" \
    setpriv --reuid "$user" --regid "$group" --clear-groups --no-new-privs --bounding-set=-all --inh-caps=-all "$@"
}

for path in / /opt/lockgate /var/cache /etc/lockgate; do
  if inside touch "$path/written" 2>/dev/null; then
    echo "$path can be written to" >&2
    exit 1
  fi
done
inside touch /tmp/written /var/cache/lockgate/written

started=$(date +%s%N)
# A process namespace of its own, so that tini is PID 1.
unshare --pid --fork --kill-child --mount-proc="$ROOT/proc" \
  env -i $IMAGE_ENV LOCKGATE_KEY="$LOCKGATE_KEY" chroot "$ROOT" \
  setpriv --reuid "$user" --regid "$group" --clear-groups --no-new-privs --bounding-set=-all --inh-caps=-all "$@" &
runtime=$!
trap 'kill -KILL "$runtime" 2>/dev/null || true' EXIT
asked=0
until inside node -e "$HEALTH"; do
  asked=$((asked + 1))
  if [ "$asked" -ge 120 ] || ! kill -0 "$runtime" 2>/dev/null; then
    echo "not healthy, asked $asked times" >&2
    exit 1
  fi
  sleep 0.1
done
echo "healthy after $((($(date +%s%N) - started) / 1000000)) ms"
inside node -e "$PROBE"
first=$(cat "/proc/$runtime/task/$runtime/children")
grep -E '^(Uid|CapEff|CapBnd|NoNewPrivs):' "/proc/${first% }/status" | tr -s '\t' ' '
kill -TERM "${first% }"
wait "$runtime"
echo 'ended by SIGTERM with 0'
