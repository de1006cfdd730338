#!/bin/sh
# Steps through a replay in a real terminal (tmux), as a person would, and prints what the screen shows:
#   analyze/src/test/shell/replay-steps.sh FOLDER COMMAND...
# COMMAND is such as: ./kstrace replay trace.arrow --target sim:default --interactive
# Fails where the screen does not show in 60 s what it should.
prompt='replay>'
. "$(dirname "$0")/terminal.sh"

expect 'help lists the commands'
expect 'in front of the first of 8 events'
prompted
say 'st'
keys Tab
say ' 3'
keys Enter
expect 'recorded 3 allocate'
expect 'target   3 allocate'
prompted
say 'frames'
keys Enter
expect '1 frame out'
prompted
say 'break rule double-f'
keys Tab
expect 'break rule double-free'
keys Enter
expect 'break 1: rule double-free'
prompted
say 'c'
keys Enter
expect 'recorded 5 free'
prompted

# Ctrl-C takes a line back; the line before comes again with the arrow.
say 'nonsense'
expect 'nonsense'
keys C-c
prompted
keys Up
keys Enter
expect 'recorded 8 trace_end'
prompted
say 'b 6'
keys Enter
expect 'recorded 2 initialize'
prompted

screen
keys C-d
expect 'left with 0'
