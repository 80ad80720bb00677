#!/usr/bin/env bash
# Whether the tag that is released is the package's version, and a commit of main. Reads GITHUB_REF_NAME, the tag.
set -euo pipefail
version=$(node -p 'require("./package.json").version')
[ "$GITHUB_REF_NAME" = "v$version" ] || { echo "The tag is $GITHUB_REF_NAME, and package.json says $version."; exit 1; }
grep -qF "## $version (" CHANGELOG.md || { echo "CHANGELOG.md does not say what is new in $version."; exit 1; }
grep -qF "default: \"v$version\"" templates/cancel/include.yml || { echo "The templates are not built for $version."; exit 1; }
git merge-base --is-ancestor HEAD origin/main || { echo "The tag is not a commit of main."; exit 1; }
echo "$GITHUB_REF_NAME is $version, and a commit of main."
