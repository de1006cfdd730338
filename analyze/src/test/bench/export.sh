#!/bin/sh
# Measures `kstrace export` on a large trace, which it generates: seconds, bytes an event and memory of each
# format, against a plain copy of the trace in the same run, with the Java of JAVA_HOME or PATH:
#   analyze/src/test/bench/export.sh [ROUNDS [EVENTS [SHAPE]]]
# Default: 3 rounds of 1000000 events, streaming (see LargeTraceGenerator). Needs a JDK, and 1 kB an event
# in TMPDIR.
set -eu

root=$(cd "$(dirname "$0")/../../../.." && pwd)
kstrace=$root/kstrace
jar=$root/analyze/target/kstrace/kstrace.jar
tests=$root/analyze/src/test/java/dev/kstrace/analyze
bin=${JAVA_HOME:+$JAVA_HOME/bin/}
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
trap 'exit 130' INT TERM

"$kstrace" --version >/dev/null # builds and trains where that is still to do
"${bin}javac" -d "$work" -cp "$jar" "$tests/LargeTraceGenerator.java" "$tests/ExportSpeed.java"
echo "processors: $(nproc 2>/dev/null || echo unknown), load: $(cut -d' ' -f1-3 /proc/loadavg 2>/dev/null || echo unknown)"
"${bin}java" -XX:+UseSerialGC -cp "$work:$jar" dev.kstrace.analyze.ExportSpeed \
  "$kstrace" "$work" "${1:-3}" "${2:-1000000}" "${3:-streaming}"
