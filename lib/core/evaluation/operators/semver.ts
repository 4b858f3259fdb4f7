/**
 * Versions: `semver_eq`, `_neq`, `_gt`, `_gte`, `_lt`, `_lte`, and the ranges `_tilde`,
 * `_caret`, `_wildcard`. Only major, minor and patch count; pre-releases and builds are cut off.
 */
import type { PropertyFilter } from '../../definitions/flag-definitions.js';
import { failed, missingContext } from '../match.js';
import { type CompileOperator, propertyTest, unusableFilter } from './property-test.js';
import { readPlainVersion, type Version } from './plain-version.js';
import { textOf } from './value-text.js';

interface VersionRange {
  readonly from: Version;
  readonly below: Version;
}

export const compileSemverEqual = semverOrder((order) => order === 0);
export const compileSemverNotEqual = semverOrder((order) => order !== 0);
export const compileSemverGreater = semverOrder((order) => order > 0);
export const compileSemverGreaterOrEqual = semverOrder((order) => order >= 0);
export const compileSemverLess = semverOrder((order) => order < 0);
export const compileSemverLessOrEqual = semverOrder((order) => order <= 0);
export const compileSemverTilde = semverRange(tildeRange);
export const compileSemverCaret = semverRange(caretRange);
export const compileSemverWildcard = semverRange(wildcardRange);

function semverOrder(accepts: (order: number) => boolean): CompileOperator {
  return semverOperator(parseVersion, (wanted) => (version) => accepts(compare(version, wanted)));
}

function semverRange(rangeOf: (text: string) => VersionRange | undefined): CompileOperator {
  return semverOperator(
    rangeOf,
    ({ from, below }) =>
      (version) =>
        compare(version, from) >= 0 && compare(version, below) < 0,
  );
}

function semverOperator<Wanted>(
  parse: (text: string) => Wanted | undefined,
  testFor: (wanted: Wanted) => (version: Version) => boolean,
): CompileOperator {
  return (filter: PropertyFilter) => {
    const wantedText = textOf(filter.value);
    if (wantedText === undefined) return unusableFilter(failed);
    const wanted = parse(wantedText);
    if (wanted === undefined) return unusableFilter();
    const accepts = testFor(wanted);
    return propertyTest((value) => {
      const text = textOf(value);
      if (text === undefined) return failed;
      const version = readPlainVersion(text) ?? parseVersion(text);
      return version === undefined ? missingContext : accepts(version);
    });
  };
}

function parseVersion(text: string): Version | undefined {
  const core = withoutPrefix(text).replace(/[-+].*$/s, '');
  if (core === '' || core.startsWith('.')) return undefined;
  const [major, minor, patch] = core.split('.', 3).map(partOrZero);
  return isVersionPart(major) && isVersionPart(minor ?? 0) && isVersionPart(patch ?? 0)
    ? [major, minor ?? 0, patch ?? 0]
    : undefined;
}

function withoutPrefix(text: string): string {
  return text.trim().replace(/^[vV]/, '');
}

/** An empty part counts as 0: `1.` is 1.0. */
function partOrZero(part: string): number {
  return part === '' ? 0 : versionPart(part);
}

/** NaN unless the text is a number without leading zeros. */
function versionPart(part: string | undefined): number {
  return part !== undefined && /^(?:0|[1-9]\d*)$/.test(part) ? Number.parseInt(part, 10) : NaN;
}

function isVersionPart(part: number | undefined): part is number {
  return part !== undefined && !Number.isNaN(part);
}

function compare(left: Version, right: Version): number {
  // A difference that is no number (two parts too large for a double) counts as none.
  return left[0] - right[0] || left[1] - right[1] || left[2] - right[2] || 0;
}

/** `~1.2.3`: 1.2.3 up to, not including, 1.3.0. */
function tildeRange(text: string): VersionRange | undefined {
  const from = parseVersion(text);
  return from && { from, below: [from[0], from[1] + 1, 0] };
}

/** `^1.2.3`: up to the next change of the leftmost part that is not 0. */
function caretRange(text: string): VersionRange | undefined {
  const from = parseVersion(text);
  if (from === undefined) return undefined;
  const [major, minor, patch] = from;
  if (major > 0) return { from, below: [major + 1, 0, 0] };
  return { from, below: minor > 0 ? [0, minor + 1, 0] : [0, 0, patch + 1] };
}

/** `1.*` and `1.2.*`; a patch is ignored, as posthog-node does. */
function wildcardRange(text: string): VersionRange | undefined {
  const parts = withoutPrefix(text).replace(/\.\*$/, '').replace(/\*$/, '').split('.');
  const major = versionPart(parts[0]);
  if (Number.isNaN(major)) return undefined;
  if (parts.length === 1) return { from: [major, 0, 0], below: [major + 1, 0, 0] };
  const minor = versionPart(parts[1]);
  return Number.isNaN(minor)
    ? undefined
    : { from: [major, minor, 0], below: [major, minor + 1, 0] };
}
