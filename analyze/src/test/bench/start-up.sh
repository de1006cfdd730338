#!/bin/sh
# Measures the start-up of kstrace against a JVM that only says hello, in the same run, with the Java
# of JAVA_HOME or PATH:
#   analyze/src/test/bench/start-up.sh [RUNS [TRACE]]
# Wall-clock medians in ms over RUNS (21) rounds; each round starts every command once, so that a
# busy moment of the machine hits all of them. Targets, as ratios to hello: --version at most 2.5,
# check of a small trace at most 5, at most 6 where it has a finding. Needs a JDK and GNU date.
set -eu

runs=${1:-21}
trace=${2:-}
root=$(cd "$(dirname "$0")/../../../.." && pwd)
kstrace=$root/kstrace
bin=${JAVA_HOME:+$JAVA_HOME/bin/}
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
trap 'exit 130' INT TERM

cat >"$work/Hello.java" <<'JAVA'
class Hello {
  public static void main(String[] args) {
    System.out.println("hello");
  }
}
JAVA
"${bin}javac" -d "$work" "$work/Hello.java"

"$kstrace" --version >/dev/null # builds and trains where that is still to do
if [ -z "$trace" ]; then
  trace=$work/trace.arrow
  "$kstrace" capture sim --profile mic-pcm-48k-10ms -o "$trace" >/dev/null 2>&1
fi
faulty=$work/faulty.arrow
"$kstrace" capture sim --profile mic-pcm-48k-10ms --fault double-free -o "$faulty" >/dev/null 2>&1
for one in "$trace" "$faulty"; do
  status=0
  "$kstrace" check "$one" >/dev/null || status=$?
  if [ "$status" -gt 1 ]; then # 1 is a finding
    echo "start-up: kstrace check ended with $status, trace=$one" >&2
    exit 1
  fi
done

# time_one NAME COMMAND...: appends the microseconds of one run to the file NAME.
time_one() {
  name=$1
  shift
  begin=$(date +%s%N)
  "$@" >/dev/null 2>&1 </dev/null || true
  end=$(date +%s%N)
  echo $(((end - begin) / 1000)) >>"$work/$name"
}

round=0
while [ "$round" -lt "$runs" ]; do
  time_one hello "${bin}java" -cp "$work" Hello
  time_one version "$kstrace" --version
  time_one check "$kstrace" check "$trace"
  time_one finding "$kstrace" check "$faulty"
  round=$((round + 1))
done

median() {
  sort -n "$work/$1" | sed -n "$(((runs + 1) / 2))p"
}
hello=$(median hello)
# report LABEL MICROSECONDS
report() {
  hundredths=$(($2 * 100 / hello))
  printf '%-18s %5d.%d ms %4d.%02d x\n' "$1" $(($2 / 1000)) $(($2 % 1000 / 100)) \
    $((hundredths / 100)) $((hundredths % 100))
}
"${bin}java" -version 2>&1 | sed -n 1p
report "hello world" "$hello"
report "kstrace --version" "$(median version)"
report "kstrace check" "$(median check)"
report "... of a fault" "$(median finding)"
