#!/bin/sh
# Uses the shell of kstrace query in a real terminal (tmux), as a person would, and prints what the
# screen shows:
#   analyze/src/test/shell/query-shell.sh FOLDER COMMAND...
# FOLDER takes the history; COMMAND starts kstrace, such as: ./kstrace query trace.arrow
# Fails where the screen does not show in 60 s what it should.
set -eu

folder=$1
shift
socket=kstrace-$$
tmux() { command tmux -L "$socket" -f /dev/null "$@"; }
trap 'tmux kill-server 2>/dev/null || true' EXIT
trap 'exit 130' INT TERM

# The process is started by a file: tmux would take its words apart. Ctrl-C reaches that file's
# shell as well, which must outlive it.
quoted=
for word in "$@"; do
  quoted="$quoted '$(printf %s "$word" | sed "s/'/'\\\\''/g")'"
done
printf '%s\n' "trap : INT" "XDG_STATE_HOME='$folder' $quoted" 'echo "left with $?"' 'sleep 60' >"$folder/start"
tmux new-session -d -s shell -x 100 -y 80 "sh '$folder/start'"

screen() { tmux capture-pane -p -t shell; }

# expect TEXT [TIMES]: waits until the screen shows a text so many times.
expect() {
  tries=0
  until [ "$(screen | grep -c -F -e "$1")" -ge "${2:-1}" ]; do
    tries=$((tries + 1))
    if [ "$tries" -gt 600 ]; then
      echo "query-shell: the screen does not show: $1" >&2
      screen >&2
      exit 1
    fi
    sleep 0.1
  done
}

# prompted: waits until the shell asks again, its earlier line dealt with.
prompted() {
  tries=0
  until [ "$(screen | sed '/^ *$/d' | tail -n 1 | sed 's/ *$//')" = 'kstrace>' ]; do
    tries=$((tries + 1))
    if [ "$tries" -gt 600 ]; then
      echo 'query-shell: the shell does not ask again' >&2
      screen >&2
      exit 1
    fi
    sleep 0.1
  done
}

keys() { tmux send-keys -t shell "$@"; }

# say TEXT: types a text. A semicolon at its end would be tmux's own.
say() {
  case $1 in
    *';') keys -l "${1%;}" && keys -l '\;' ;;
    *) keys -l "$1" ;;
  esac
}

expect '.help lists'
prompted

say 'SELECT op, count(*) AS n'
keys Enter
expect '...>'
say 'FROM eve'
keys Tab
expect 'FROM events'
say 'GROUP BY op ORDER BY n DESC, op LIMIT 1;'
keys Enter
expect 'free  2'
prompted

say 'SELECT ntst'
keys Tab
expect 'ntstatus('
say '0);'
keys Enter
expect 'STATUS_SUCCESS'
prompted

say '.find'
keys Tab
expect '.findings'
keys Enter
expect 'is freed again'
prompted

# Ctrl-C stops the query and not the shell.
say 'SELECT count(*) FROM range(1000000000000) t(a) WHERE a % 7 = 3;'
keys Enter
sleep 1
keys C-c
expect 'cancelled'
prompted
say 'SELECT range FROM range(1000000000000) t WHERE range % 7 = 8;'
keys Enter
sleep 1
keys C-c
expect 'cancelled' 2
prompted

# It takes an unfinished statement back, too.
say 'SELECT nothing'
keys Enter
expect '...>' 2
keys C-c
prompted
say 'SELECT sequ FROM events;'
keys Enter
expect '"seq", "status", "size"'
prompted

# History: the statement before the last.
keys Up
keys Up
keys Up
expect '% 7 = 3;' 2
keys C-u
prompted
say '.schema marks'
keys Enter
expect 'its time, ns'

screen
keys C-d
expect 'left with 0'
