#!/bin/sh
# Installs Chromium from the system's packages; says what to do where it can't.
set -e
root=""
[ "$(id -u)" = 0 ] || root="sudo"
if command -v apt-get >/dev/null; then
    $root apt-get update -qq && $root apt-get install -y -qq chromium
elif command -v dnf >/dev/null; then
    $root dnf install -y -q chromium
elif command -v brew >/dev/null; then
    brew install --cask chromium
else
    echo "Install Chromium or Chrome, or set CHROMIUM to its path, and try again." >&2
    exit 1
fi
