@echo off
rem The launcher "kstrace" for Windows; see there for the reasons. Not yet run on Windows.
setlocal EnableExtensions DisableDelayedExpansion

set "root=%~dp0"
set "home=%root%analyze\target\kstrace"
if exist "%root%kstrace.jar" set "home=%root:~0,-1%"
set "jar=%home%\kstrace.jar"
set "target=%root%analyze\target"
set "lock=%target%\first-start.lock"
set "log=%target%\first-start.log"

set "seen="
if not defined JAVA_HOME goto :path_java
call :inspect "%JAVA_HOME%\bin\java.exe"
if %major% GEQ 17 goto :found
goto :search_path
:path_java
set "seen=, JAVA_HOME is not set"
:search_path
set "path_java="
for %%j in (java.exe) do set "path_java=%%~$PATH:j"
if not defined path_java goto :no_java
call :inspect "%path_java%"
if %major% GEQ 17 goto :found
goto :too_old
:no_java
set "seen=%seen%, no java on PATH"
:too_old
>&2 echo kstrace: Java 17 or newer is needed: %seen:~2%; install a JDK or set JAVA_HOME to one
exit /b 2

:found
if exist "%lock%" goto :build
if exist "%jar%" goto :start

:build
if not exist "%root%pom.xml" goto :no_sources
if defined java_home (
  if not exist "%java_home%\bin\javac.exe" goto :no_javac
) else (
  where /q javac || goto :no_javac
)
where /q mvn || goto :no_mvn
if not exist "%home%" mkdir "%home%" 2>nul
if not exist "%home%" goto :no_access
rem mkdir fails for all but one of several first starts; the others wait.
set "waiting="
:take_lock
mkdir "%lock%" 2>nul && goto :locked
if not defined waiting >&2 echo kstrace: waiting for another build ^(log: %log%; if none runs, remove %lock%^)
set "waiting=yes"
ping -n 2 127.0.0.1 >nul
goto :take_lock
:locked
if exist "%jar%" if defined waiting goto :built
>&2 echo kstrace: first start, building ^(about a minute, log: %log%^)
if defined java_home set "JAVA_HOME=%java_home%"
call mvn -B -q -Dstyle.color=never -f "%root%pom.xml" -Pquick package >"%log%" 2>&1 <nul
if not errorlevel 1 goto :built
del "%jar%" 2>nul
rmdir "%lock%"
>&2 type "%log%"
>&2 echo kstrace: the build failed, its messages are above, log: %log%
exit /b 2
:built
rem Archives of an older jar would be refused. (The other launcher compares the ages.)
del "%home%\*.jsa" 2>nul
rmdir "%lock%"

:start
set "flags=-XX:+UseSerialGC -XX:-UsePerfData -Xlog:disable"
set "archive=%home%\kstrace-%version%.jsa"
if exist "%archive%" goto :trained
set "new=%archive%.%RANDOM%"
"%java%" %flags% "-XX:ArchiveClassesAtExit=%new%" -jar "%jar%" warm-up >nul 2>&1 <nul
if not exist "%new%" (type nul >"%new%") 2>nul
move /y "%new%" "%archive%" >nul 2>&1
:trained
set "sharing=-Xshare:auto"
for %%a in ("%archive%") do if exist %%a if %%~za GTR 0 set "sharing=-XX:SharedArchiveFile=%archive%"
set "short="
if "%~1"=="" set "short=yes"
for %%c in (--version -V --help -h completion help info man rules) do if "%~1"=="%%c" set "short=yes"
rem Sizes, of up to eight arguments: their texts are not looked at, since they may hold quotes. With a 1
rem before it an empty one can be compared too. 1000000 bytes are some ten thousand events.
set "small="
for %%c in (check explain query) do if "%~1"=="%%c" set "small=yes"
for %%B in ("%~z2" "%~z3" "%~z4" "%~z5" "%~z6" "%~z7" "%~z8" "%~z9") do if 1%%~B GEQ 11000000 set "small="
if defined small set "short=yes"
if defined short set "flags=%flags% -XX:TieredStopAtLevel=1"
"%java%" %flags% "%sharing%" %KSTRACE_JAVA_OPTS% -jar "%jar%" %*
exit /b %ERRORLEVEL%

rem Below, no message stands in a block: a path may hold a parenthesis.
:no_sources
>&2 echo kstrace: neither a kstrace.jar nor its sources are in %root%
exit /b 2
:no_mvn
>&2 echo kstrace: the first start builds kstrace and needs Maven: no mvn on PATH; install Maven 3.8.7 or newer
exit /b 2
:no_access
>&2 echo kstrace: the first start builds kstrace but cannot write to %target%; start it once as a user who may
exit /b 2
:no_javac
>&2 echo kstrace: the first start builds kstrace and needs a JDK: no javac beside %java% (Java %version%); install a JDK or set JAVA_HOME to one
exit /b 2

rem Sets java, java_home, version and major for the java.exe %1; major is 0 where it is none.
:inspect
set "java=%~1"
set "java_home="
set "version="
set "major=0"
if not exist "%java%" goto :inspected
for %%h in ("%~dp1..") do if exist "%%~fh\release" set "java_home=%%~fh"
if not defined java_home goto :ask_java
for /f "usebackq tokens=1,2 delims==" %%k in ("%java_home%\release") do (
  if "%%k"=="JAVA_RUNTIME_VERSION" set "version=%%~l"
  if "%%k"=="JAVA_VERSION" if not defined version set "version=%%~l"
)
:ask_java
if not defined version for /f "tokens=3" %%v in ('""%java%" -version 2>&1" ^| findstr /c:" version "') do set "version=%%~v"
for /f "delims=.-+_ " %%m in ("%version%") do set "major=%%m"
:inspected
if defined version (set "seen=%seen%, %java% is Java %version%") else set "seen=%seen%, %java% is no Java"
exit /b 0
