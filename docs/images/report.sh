#!/bin/sh
# Makes the pictures of docs/report.md anew:
#   docs/images/report.sh
# Needs chromium on PATH. Fonts are those of the machine, so that pixels differ from one to another.
set -eu

here=$(cd "$(dirname "$0")" && pwd)
kstrace=$here/../../kstrace
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
trap 'exit 130' INT TERM

# shoot NAME PAGE WIDTH HEIGHT light|dark
shoot() {
  scheme=1
  [ "$5" = light ] || scheme=0
  chromium --headless=new --no-sandbox --disable-gpu --disable-quic --no-first-run \
    --disable-background-networking --disable-component-update --disable-sync --hide-scrollbars \
    --user-data-dir="$work/profile" --virtual-time-budget=3000 --window-size="$3,$4" \
    --blink-settings="preferredColorScheme=$scheme" --screenshot="$here/$1.png" "file://$2" \
    2>/dev/null
  echo "$1.png"
}

cd "$work"
"$kstrace" capture sim -q --profile tvcap-uyvy-ntsc --fault overlap-slots --seed 7 -o faulty.arrow
"$kstrace" capture sim -q --profile tvcap-uyvy-ntsc --seed 7 -o fixed.arrow
"$kstrace" report faulty.arrow -o faulty.html
"$kstrace" report faulty.arrow fixed.arrow -o change.html
shoot report-light "$work/faulty.html" 1280 1520 light
shoot report-dark "$work/faulty.html" 1280 1520 dark
shoot report-phone "$work/faulty.html" 480 1400 light
shoot report-change "$work/change.html" 1280 1000 light
