#!/usr/bin/env bash
# Puts the readers that the tests of `kstrace export` ask into a folder, with npm as it is set up
# here. Then: KSTRACE_TEST_NPM=FOLDER mvn verify. Without that variable these tests are skipped.
set -Eeuo pipefail
if (($# != 1)); then
  echo "usage: install.sh FOLDER" >&2
  exit 2
fi
mkdir -p "$1"
cp "$(dirname "${BASH_SOURCE[0]}")/package.json" "$1/"
cd "$1"
npm install --no-package-lock --no-audit --no-fund --ignore-scripts --loglevel=error
