@echo off
rem The acceptance test on a real machine (level T6). Nobody has run it yet.
rem
rem Before: build a driver with kstrace_probe.h (docs/instrument-your-driver.md), install it, and have a
rem graph that connects its pin to a kernel-mode pin: only then does AVStream use its allocator.
rem Run as administrator, in a folder that can be written to, with kstrace.cmd on the path. It asks you to
rem stream for half a minute, and ends with ACCEPTED or with what was wrong.
setlocal
set OUT=acceptance-%RANDOM%
call "%~dp0record-start.cmd" %OUT%.etl || goto failed
echo Start streaming now; stop it after half a minute, and unload the driver. Then press a key.
pause
call "%~dp0record-stop.cmd" || goto failed
call kstrace.cmd capture etl %OUT%.etl -o %OUT%.arrow || goto failed
call kstrace.cmd info %OUT%.arrow || goto failed
rem Every initialize has its delete, nothing was lost, and seq has no hole.
call kstrace.cmd query %OUT%.arrow --format csv "SELECT CASE WHEN (SELECT count(*) FROM losses) = 0 AND (SELECT count(*) FROM disorder) = 0 AND (SELECT count(*) FROM allocators WHERE created) > 0 AND (SELECT count(*) FROM allocators WHERE created AND state <> 'deleted') = 0 AND (SELECT count(*) FROM frames WHERE state <> 'freed') = 0 THEN 'whole' ELSE 'not whole' END AS recording" > %OUT%.csv || goto failed
findstr /C:"not whole" %OUT%.csv >nul && goto failed
findstr /C:"whole" %OUT%.csv >nul || goto failed
call kstrace.cmd check --fail-on warning %OUT%.arrow || goto failed
echo ACCEPTED: %OUT%.etl, %OUT%.arrow
exit /b 0
:failed
echo NOT ACCEPTED, see above; please send %OUT%.etl with what you saw
exit /b 1
