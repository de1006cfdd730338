# A real terminal (tmux) in which kstrace is used as by a person; read by the scripts beside it, which
# set prompt to what the prompt shows. Their arguments: FOLDER, which takes the history, and COMMAND...
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
tmux new-session -d -s shell -x 100 -y 140 "sh '$folder/start'"

screen() { tmux capture-pane -p -t shell; }

# expect TEXT [TIMES]: waits until the screen shows a text so many times.
expect() {
  tries=0
  until [ "$(screen | grep -c -F -e "$1")" -ge "${2:-1}" ]; do
    tries=$((tries + 1))
    if [ "$tries" -gt 600 ]; then
      echo "the screen does not show: $1" >&2
      screen >&2
      exit 1
    fi
    sleep 0.1
  done
}

# prompted: waits until the shell asks again, its earlier line dealt with.
prompted() {
  tries=0
  until [ "$(screen | sed '/^ *$/d' | tail -n 1 | sed 's/ *$//')" = "$prompt" ]; do
    tries=$((tries + 1))
    if [ "$tries" -gt 600 ]; then
      echo 'the prompt does not come back' >&2
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

