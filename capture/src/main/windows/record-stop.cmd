@echo off
rem Shows the losses of the session that record-start.cmd began, and ends it.
rem Not yet run on a Windows machine.
where tracelog >nul 2>nul
if not errorlevel 1 (
  tracelog -q kstrace
  tracelog -stop kstrace
) else (
  logman query kstrace -ets
  logman stop kstrace -ets
)
exit /b %errorlevel%
