#!/bin/sh
# Makes docs/report.png, the picture of the HTML report in the README: the recorded
# appliances are served on loopback and scanned twice, and Chromium shows the page.
# Needs Go and the Debian package chromium. With a folder as argument, every view of the
# page (desktop, dark, phone, print) is put there too, to be looked at.
set -eu
cd "$(dirname "$0")/.."
folder=${1:-}
[ -z "$folder" ] || { mkdir -p "$folder" && folder=$(cd "$folder" && pwd); }
exec go test ./report -run 'TestHTMLInABrowser/(a_fleet|picture)' -count=1 -picture -screenshots "$folder"
