#!/bin/sh
# Measures the way from file to verdict of the whole rule pack on large traces, which it generates,
# against a plain read of the same file and against decoding all of its columns, in one run, with the
# Java of JAVA_HOME or PATH:
#   analyze/src/test/bench/verdict.sh [ROUNDS [SHAPE:EVENTS...]]
# Default: 5 rounds of streaming:1000000 streaming:10000000 random:10000000 fresh:10000000. Shapes:
# see LargeTraceGenerator. An event takes 76 bytes on disk, in TMPDIR; each trace is deleted before
# the next is made. Needs a JDK.
set -eu

rounds=${1:-5}
[ $# -eq 0 ] || shift
[ $# -gt 0 ] || set -- streaming:1000000 streaming:10000000 random:10000000 fresh:10000000
root=$(cd "$(dirname "$0")/../../../.." && pwd)
kstrace=$root/kstrace
jar=$root/analyze/target/kstrace/kstrace.jar
tests=$root/analyze/src/test/java/dev/kstrace/analyze
bin=${JAVA_HOME:+$JAVA_HOME/bin/}
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
trap 'exit 130' INT TERM

"$kstrace" --version >/dev/null # builds and trains where that is still to do
"${bin}javac" -d "$work" -cp "$jar" "$tests/LargeTraceGenerator.java" "$tests/VerdictSpeed.java"
"${bin}java" -version 2>&1 | sed -n 1p
echo "processors: $(nproc 2>/dev/null || echo unknown), load: $(cut -d' ' -f1-3 /proc/loadavg 2>/dev/null || echo unknown)"
"${bin}java" -XX:+UseSerialGC -cp "$work:$jar" dev.kstrace.analyze.VerdictSpeed \
  "$kstrace" "$work" "$rounds" "$@"
