# For people; azd runs the same.
$ErrorActionPreference = 'Stop'
Set-StrictMode -Version Latest
node (Join-Path $PSScriptRoot 'connect.mjs')
exit $LASTEXITCODE
