#!/bin/sh
# Uses the shell of kstrace query in a real terminal (tmux), as a person would, and prints what the
# screen shows:
#   analyze/src/test/shell/query-shell.sh FOLDER COMMAND...
# FOLDER takes the history; COMMAND starts kstrace, such as: ./kstrace query trace.arrow
# Fails where the screen does not show in 60 s what it should.
prompt='kstrace>'
. "$(dirname "$0")/terminal.sh"

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
prompted
say '.tables'
keys Enter
expect 'One row: what the trace is.'
prompted

screen
keys C-d
expect 'left with 0'
