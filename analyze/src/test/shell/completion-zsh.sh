#!/bin/sh
# Completes in an interactive zsh in a real terminal (tmux), as a person would:
#   analyze/src/test/shell/completion-zsh.sh FOLDER
# FOLDER holds the script of kstrace completion zsh as _kstrace. Fails where the screen does not
# show in 30 s what it should.
set -eu

folder=$1
socket=kstrace-zsh-$$
tmux() { command tmux -L "$socket" -f /dev/null "$@"; }
trap 'tmux kill-server 2>/dev/null || true' EXIT
trap 'exit 130' INT TERM

printf '%s\n' "fpath=('$folder' \$fpath)" "autoload -Uz compinit" "compinit -u -d '$folder/dump'" \
  "cd '$folder'" "PROMPT='%# '" >"$folder/.zshrc"
tmux new-session -d -s zsh -x 100 -y 50 "ZDOTDIR='$folder' zsh -i"

# expect TEXT: waits until the screen shows a text.
expect() {
  tries=0
  until tmux capture-pane -p -t zsh | grep -q -F -e "$1"; do
    tries=$((tries + 1))
    if [ "$tries" -gt 300 ]; then
      echo "completion-zsh: the screen does not show: $1" >&2
      tmux capture-pane -p -t zsh >&2
      exit 1
    fi
    sleep 0.1
  done
}

# complete TYPED SHOWN: what a Tab makes of it; Ctrl-U takes the line away.
complete() {
  tmux send-keys -t zsh -l "$1"
  tmux send-keys -t zsh Tab
  expect "$2"
  tmux send-keys -t zsh C-u
}

expect '% '
complete 'kstrace che' '% kstrace check'
complete 'kstrace check --fail-on ne' '% kstrace check --fail-on never'
complete 'kstrace check --write-b' '% kstrace check --write-baseline'
complete 'kstrace capture si' '% kstrace capture sim'
complete 'kstrace capture sim --profile mic' 'sim --profile mic-pcm-48k-10ms'
complete 'kstrace rules show double-f' 'rules show double-free'
complete 'kstrace info some-tr' 'info some-trace.arrow'
complete 'kstrace cap' '% kstrace capture'
complete 'kstrace capture ' 'Record the simulated device.'
