#!/bin/sh
# For people; azd runs the same.
set -eu
exec node "$(dirname "$0")/connect.mjs"
