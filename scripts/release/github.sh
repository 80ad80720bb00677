#!/usr/bin/env bash
# Publishes the release of a tag, and moves the tag of its major version. Reads GITHUB_REF_NAME, GITHUB_SHA, GITHUB_REPOSITORY,
# GH_TOKEN, and ATTESTATION, a file.
set -euo pipefail
version=${GITHUB_REF_NAME#v}
major=v${version%%.*}
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT

# What stands in the change log below this version.
awk -v head="## $version (" 'index($0, "## ") == 1 { found = index($0, head) == 1; next } found' CHANGELOG.md >"$folder/notes.md"
cp "$ATTESTATION" "$folder/cancel-run.sigstore.jsonl"
cp dist/sbom.cdx.json "$folder/sbom.cdx.json"
sha256sum action.yml dist/* templates/*/*.yml >"$folder/sha256sums.txt"

# Files cannot be added to a release once it is published: https://docs.github.com/code-security/concepts/supply-chain-security/immutable-releases
gh release create "$GITHUB_REF_NAME" --draft --verify-tag --title "$GITHUB_REF_NAME" --notes-file "$folder/notes.md" \
  "$folder/cancel-run.sigstore.jsonl" "$folder/sbom.cdx.json" "$folder/sha256sums.txt"
gh release edit "$GITHUB_REF_NAME" --draft=false --latest

# A plain tag, that no release belongs to; so it can move.
if gh api "repos/$GITHUB_REPOSITORY/git/ref/tags/$major" >/dev/null 2>&1; then
  gh api --method PATCH "repos/$GITHUB_REPOSITORY/git/refs/tags/$major" -f "sha=$GITHUB_SHA" -F force=true >/dev/null
else
  gh api --method POST "repos/$GITHUB_REPOSITORY/git/refs" -f "ref=refs/tags/$major" -f "sha=$GITHUB_SHA" >/dev/null
fi
echo "$GITHUB_REF_NAME is published, and $major is $GITHUB_SHA."
