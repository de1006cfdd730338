@echo off
rem Starts a recording of kstrace_probe.h with what the system has: tracelog (WDK) or logman (in box).
rem Run as administrator. record-stop.cmd ends it. Not yet run on a Windows machine.
setlocal
set OUT=%~1
if "%OUT%"=="" set OUT=kstrace.etl
if exist "%OUT%" (
  echo %OUT% exists already; choose another name: record-start.cmd FILE.etl>&2
  exit /b 2
)
where tracelog >nul 2>nul
if not errorlevel 1 (
  tracelog -start kstrace -f "%OUT%" -guid #ce250ee2-6989-5888-fcfa-f2607fd730c7 -matchanykw 0xFFFF -level 5 -b 64 -min 16 -max 64 -UsePerfCounter
) else (
  logman start kstrace -p {ce250ee2-6989-5888-fcfa-f2607fd730c7} 0xFFFF 5 -o "%OUT%" -bs 64 -nb 16 64 -ets
)
exit /b %errorlevel%
