#!/bin/sh
# Records a real streaming driver's buffers anew: boots a Linux kernel in qemu (emulated, so that no
# rights are needed), streams from its virtual camera vivid, and writes what ftrace saw.
#
#   record.sh OUT.txt [ROOT]
#
# ROOT holds boot/vmlinuz-* and lib/modules of one kernel; without it the package of Debian's kernel is
# fetched by apt-get. Needs qemu-system-x86, busybox-static, kmod, cpio and a C compiler with a static
# libc; takes about a minute.
set -eu
out=$1
here=$(cd "$(dirname "$0")" && pwd)
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT

root=${2:-}
if [ -z "$root" ]; then
  root=$work/kernel
  package=$(apt-cache depends linux-image-amd64 | awk '/Depends: linux-image/ {print $2}')
  (cd "$work" && apt-get -qq download "$package" && dpkg-deb -x "$package"_*.deb kernel)
fi
kernel=$(ls "$root"/boot/vmlinuz-* | tail -n 1)
version=${kernel##*/vmlinuz-}
depmod -b "$root" "$version"

ram=$work/ram
mkdir -p "$ram"/bin "$ram"/proc "$ram"/sys "$ram"/dev "$ram"/trace "$ram"/modules
cp "$(command -v busybox)" "$ram"/bin/busybox
cc -static -O2 -o "$ram"/bin/client "$here"/client.c
number=10
modprobe -d "$root" -S "$version" --show-depends vivid | awk '$1 == "insmod" {print $2}' |
  while read -r module; do
    cp "$module" "$ram/modules/$number-${module##*/}"
    number=$((number + 1))
  done
case $(ls "$ram"/modules) in
  *.ko.xz*) unxz "$ram"/modules/*.xz ;;
esac
cat > "$ram"/init <<'INIT'
#!/bin/sh
/bin/busybox --install -s /bin
mount -t proc none /proc
mount -t sysfs none /sys
mount -t devtmpfs none /dev
mount -t tracefs none /trace
for module in /modules/*; do
  insmod "$module" || echo "no $module"
done
cd /trace
echo 16384 > buffer_size_kb
echo 'p:vb2alloc vb2_vmalloc_alloc vb=%di dev=%si size=%dx' >> kprobe_events
echo 'r:vb2allocret vb2_vmalloc_alloc mem=$retval' >> kprobe_events
echo 'p:vb2put vb2_vmalloc_put mem=%di' >> kprobe_events
echo 1 > events/kprobes/enable
echo 1 > events/vb2/enable
/bin/client /dev/video0 && done=yes
echo 0 > tracing_on
echo
echo "===TRACE $done"
cat trace
echo "===END"
poweroff -f
INIT
ln -s busybox "$ram"/bin/sh
chmod +x "$ram"/init
(cd "$ram" && find . | cpio -o -H newc --quiet | gzip) > "$work"/ram.gz

timeout 300 qemu-system-x86_64 -accel tcg -smp 2 -m 512 -nographic -no-reboot -net none \
  -kernel "$kernel" -initrd "$work"/ram.gz -append "console=ttyS0 quiet panic=-1" \
  < /dev/null > "$work"/console
if ! grep -q '^===TRACE yes' "$work"/console || ! grep -q '^===END' "$work"/console; then
  tail -n 20 "$work"/console >&2
  echo "record.sh: the machine did not stream to its end; above is what it said last" >&2
  exit 1
fi
tr -d '\r' < "$work"/console | sed '1,/^===TRACE/d; /^===END/,$d' > "$out"
echo "recorded $(grep -c -v '^#' "$out") events of Linux $version into $out"
