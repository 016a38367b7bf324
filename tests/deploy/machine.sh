#!/bin/bash
# machine.sh ROOT OPT OUTSIDE: starts systemd as process 1 over a copy of this machine that goes with it, with the units
# of ROOT, OPT for /opt, and no network. Runs in new mount, process, network, IPC, name and control-group namespaces.
set -eu
root=$1 opt=$2 outside=$3
mount --make-rprivate /
base=$(mktemp -d)
mount -t tmpfs -o size=1g tmpfs "$base"
mkdir "$base/upper" "$base/work" "$base/here"
mount -t overlay overlay -o "lowerdir=/,upperdir=$base/upper,workdir=$base/work" "$base/here"
here=$base/here

mount -t proc proc "$here/proc"
mount --rbind /sys "$here/sys"
mount -t cgroup2 cgroup2 "$here/sys/fs/cgroup"
mount -t tmpfs tmpfs "$here/run"
mount -t tmpfs tmpfs "$here/tmp"
mount -t tmpfs -o mode=755 tmpfs "$here/dev"
mkdir "$here"/dev/{shm,pts,mqueue,hugepages}
mount -t tmpfs -o mode=1777 tmpfs "$here/dev/shm"
mount -t devpts -o newinstance,ptmxmode=0666 devpts "$here/dev/pts"
for device in null zero full random urandom tty; do
  touch "$here/dev/$device"
  mount --bind "/dev/$device" "$here/dev/$device"
done
ln -s pts/ptmx "$here/dev/ptmx"
ln -s /proc/self/fd "$here/dev/fd"
touch "$here/dev/console"
ip link set lo up

# Our units, and nothing of what this machine starts.
units=$here/etc/systemd/system
rm -rf "${units:?}"/*
cp -r "$root"/deploy/systemd/*.{service,socket,timer} "$root/deploy/systemd/triage-.service.d" "$units/"
for target in sysinit basic sockets; do printf '[Unit]\nDescription=%s\n' $target >"$units/$target.target"; done
cat >"$units/triage-test.target" <<'UNIT'
[Unit]
Requires=triage-web.socket triage-web.service triage-worker.service visit.service
UNIT
cat >"$units/visit.service" <<'UNIT'
[Service]
Type=oneshot
ExecStart=/bin/bash /outside/visit.sh
TimeoutStartSec=500
UNIT
systemd-sysusers --root="$here" "$root/deploy/systemd/triage.sysusers"
mkdir -p "$here/etc/triage" "$here/etc/credstore" "$here/outside"
grep -v '^address' "$root/deploy/systemd/triage.toml" >"$here/etc/triage/triage.toml"
printf secret >"$here/etc/credstore/triage_metrics_token"
mount --bind "$outside" "$here/outside"
mount --bind "$opt" "$here/opt"

cd "$here"
mkdir before
pivot_root . before
umount -l /before
mount --make-rshared / # so that credentials are seen by the services, as on a machine that was started
exec env -i container=machine PATH=/usr/sbin:/usr/bin:/sbin:/bin /lib/systemd/systemd --unit=triage-test.target
