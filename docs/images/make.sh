#!/bin/sh
# Makes the pictures of the terminal in this folder anew: commands run in tmux, what the screen then
# shows becomes HTML, and Chromium takes its picture.
#   docs/images/make.sh [KSTRACE]
# KSTRACE is the command to run, by default the launcher of this repository. Needs tmux and chromium.
set -eu

images=$(cd "$(dirname "$0")" && pwd)
kstrace=${1:-$images/../../kstrace}
work=$(mktemp -d)
socket=kstrace-images-$$
tmux() { command tmux -L "$socket" -f /dev/null "$@"; }
recorder=
trap 'tmux kill-server 2>/dev/null || true; [ -z "$recorder" ] || kill "$recorder"; rm -rf "$work"' EXIT
ln -s "$(cd "$(dirname "$kstrace")" && pwd)/$(basename "$kstrace")" "$work/kstrace"

# html ROWS: what tmux captured, colours and all, as a page.
html() {
  awk '
    BEGIN {
      print "<!doctype html><meta charset=utf-8><style>body{margin:0;background:#1b1d22}" \
        "pre{margin:12px;font:15px/19px \"DejaVu Sans Mono\",monospace;color:#d6d6d6}" \
        ".b{font-weight:bold}.c31{color:#ff6b6b}.c32{color:#6fcf7f}.c33{color:#e8c35a}" \
        ".c36{color:#62c6d8}</style><pre>"
    }
    {
      gsub(/&/, "\\&amp;"); gsub(/</, "\\&lt;"); gsub(/>/, "\\&gt;")
      line = ""
      while (match($0, /\033\[[0-9;]*m/)) {
        codes = substr($0, RSTART + 2, RLENGTH - 3)
        line = line substr($0, 1, RSTART - 1)
        $0 = substr($0, RSTART + RLENGTH)
        n = split(codes, code, ";")
        if (n == 0) code[n = 1] = 0
        for (i = 1; i <= n; i++) {
          if (code[i] == 0 || code[i] == 39) { bold = ""; colour = "" }
          else if (code[i] == 1) bold = "b"
          else if (code[i] ~ /^3[0-7]$/) colour = "c" code[i]
        }
        line = line "</span><span class=\"" bold " " colour "\">"
      }
      print "<span>" line $0 "</span>"
    }'
}

# picture NAME WIDTH ROWS: the screen as NAME.png.
picture() {
  tmux capture-pane -e -p -t it | head -n "$3" | html >"$work/$1.html"
  chromium --headless --no-sandbox --disable-gpu --hide-scrollbars --force-device-scale-factor=1 \
    --window-size="$(($2 * 9 + 30)),$(($3 * 19 + 24))" --screenshot="$work/$1.png" \
    "file://$work/$1.html" >"$work/chromium.log" 2>&1 || { cat "$work/chromium.log" >&2; exit 1; }
  mv "$work/$1.png" "$images/$1.png"
}

# on WIDTH ROWS: a terminal of that size with a bare prompt.
on() {
  tmux kill-server 2>/dev/null || true
  tmux new-session -d -s it -x "$1" -y "$2" \
    "cd '$work' && env PATH='$work':\"\$PATH\" LANG=C.UTF-8 TERM=screen-256color PS1='\$ ' bash --norc"
}

# typed LINE TEXT: types a line and waits for what it shows.
typed() {
  tmux send-keys -t it -l "$1"
  tmux send-keys -t it Enter
  tries=0
  until tmux capture-pane -p -t it | grep -q -e "$2"; do
    tries=$((tries + 1))
    [ "$tries" -lt 600 ] || { tmux capture-pane -p -t it >&2; exit 1; }
    sleep 0.1
  done
  sleep 0.5
}

"$work/kstrace" capture sim -q --profile mic-pcm-48k-10ms --fault skip-free --seed 5 \
  -o "$work/leaky.arrow"
on 110 40
typed 'kstrace check leaky.arrow' 'explains a rule'
picture check 110 38

"$work/kstrace" capture sim -q --profile bda-ts-50 --real-threads --frames 1000000000 \
  -o "$work/growing.arrow" &
recorder=$!
until [ -s "$work/growing.arrow" ]; do sleep 0.1; done
on 110 12
typed 'kstrace top growing.arrow --follow' '#2'
picture top 110 12
