#!/bin/sh
# Watches a recording that goes on with kstrace top in a real terminal (tmux), ends it with Ctrl-C,
# and prints what the screen shows:
#   analyze/src/test/shell/top.sh FOLDER COMMAND...
# FOLDER takes the trace; COMMAND starts kstrace, such as ./kstrace. Fails where the screen does not
# show in 60 s what it should.
set -eu

folder=$1
shift
socket=kstrace-top-$$
tmux() { command tmux -L "$socket" -f /dev/null "$@"; }
recorder=
trap 'tmux kill-server 2>/dev/null || true; [ -z "$recorder" ] || kill "$recorder"' EXIT
trap 'exit 130' INT TERM

"$@" capture sim -q --profile bda-ts-50 --real-threads --frames 1000000000 \
  -o "$folder/growing.arrow" &
recorder=$!
tries=0
until [ -s "$folder/growing.arrow" ]; do
  tries=$((tries + 1))
  [ "$tries" -lt 600 ] || exit 1
  sleep 0.1
done

# The process is started by a file: tmux would take its words apart. Ctrl-C reaches that file's
# shell as well, which must outlive it.
quoted=
for word in "$@"; do
  quoted="$quoted '$(printf %s "$word" | sed "s/'/'\\\\''/g")'"
done
printf '%s\n' 'trap : INT' "$quoted top --follow --interval 0.2 '$folder/growing.arrow'" \
  'echo "left with $?"' 'sleep 60' >"$folder/start"
tmux new-session -d -s top -x 120 -y 20 "sh '$folder/start'"

# expect TEXT: waits until the screen shows a text.
expect() {
  tries=0
  until tmux capture-pane -p -t top | grep -q -e "$1"; do
    tries=$((tries + 1))
    if [ "$tries" -gt 600 ]; then
      echo "top: the screen does not show: $1" >&2
      tmux capture-pane -p -t top >&2
      exit 1
    fi
    sleep 0.1
  done
}

events() { tmux capture-pane -p -t top | sed -n 's/.*: \([0-9,]*\) events.*/\1/p' | tr -d ,; }

expect ' events, [a-z ]*; Ctrl-C ends'
expect '#1 '
before=$(events)
tries=0
until [ "$(events)" -gt "$before" ]; do
  tries=$((tries + 1))
  [ "$tries" -lt 600 ] || exit 1
  sleep 0.1
done
tmux send-keys -t top C-c
expect 'left with 130'

# What was shown last stays, once, and what comes after it stands below.
screen=$folder/screen
tmux capture-pane -p -t top >"$screen"
cat "$screen"
place() { grep -n -e "$1" "$screen" | head -n 1 | cut -d: -f1; }
[ "$(grep -c 'Ctrl-C ends' "$screen")" = 1 ]
[ "$(grep -c 'outstanding' "$screen")" = 1 ]
[ "$(place 'Ctrl-C ends')" = 1 ]
[ "$(place 'outstanding')" = 2 ]
[ "$(place '#')" = 3 ]
last=$(grep -n '#' "$screen" | tail -n 1 | cut -d: -f1)
[ "$(place 'kstrace: interrupted')" -gt "$last" ]
[ "$(place 'left with 130')" -gt "$(place 'kstrace: interrupted')" ]
[ "$(sed "1,$(place 'left with 130')d" "$screen" | tr -d ' \n')" = '' ]
