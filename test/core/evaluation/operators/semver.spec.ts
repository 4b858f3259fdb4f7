import { describe, expect, it } from '@jest/globals';
import { answerOf, askFilter } from '../ask.js';

function ask(operator: string, value: unknown, given: unknown): boolean | string {
  return answerOf(askFilter({ operator: `semver_${operator}`, value }, [given]));
}

describe('the order of versions', () => {
  it.each([
    ['1.2.3', '1.2.3', 0],
    ['v1.2.3', ' V1.2.3 ', 0],
    ['1.2', '1.2.0', 0],
    ['1', '1.0.0', 0],
    ['1.', '1.0.0', 0],
    ['1.2.3', '1.2.3-beta', 0],
    ['1.2.3', '1.2.3+build.7', 0],
    ['1.2.3', '1.2.3.9', 0],
    ['1.2.3', '1.2.3.x', 0],
    [1.5, '1.5.0', 0],
    ['1.2.3', '1.2.4', 1],
    ['1.9.9', '1.10.0', 1],
    ['2.0.0', '1.99.99', -1],
    ['1.2.3', '1.2', -1],
    [`1.1.${'9'.repeat(400)}`, `1.1.${'9'.repeat(400)}`, 0],
    [`1.${'9'.repeat(400)}`, `1.${'9'.repeat(400)}`, 0],
  ])('of %s and the property %s', (wanted, given, order) => {
    expect(ask('eq', wanted, given)).toBe(order === 0);
    expect(ask('neq', wanted, given)).toBe(order !== 0);
    expect(ask('gt', wanted, given)).toBe(order > 0);
    expect(ask('gte', wanted, given)).toBe(order >= 0);
    expect(ask('lt', wanted, given)).toBe(order < 0);
    expect(ask('lte', wanted, given)).toBe(order <= 0);
  });

  it.each(['', '.1', 'abc', '1.x', '01.2.3', '1.02.3', '1.2.03', '-1.2.3', '1.v2.3', '٣.0.0'])(
    'does not include %j',
    (text) => {
      expect(ask('eq', '1.2.3', text)).toBe('missing_context');
      expect(ask('eq', text, '1.2.3')).toBe('unsupported_definition');
    },
  );
});

const unsupported = 'unsupported_definition';
type Range = readonly [from: string, below: string] | typeof unsupported;

describe('a range of versions', () => {
  const rows: (readonly [filter: string, tilde: Range, caret: Range, wildcard: Range])[] = [
    ['1', ['1.0.0', '1.1.0'], ['1.0.0', '2.0.0'], ['1.0.0', '2.0.0']],
    ['1.2', ['1.2.0', '1.3.0'], ['1.2.0', '2.0.0'], ['1.2.0', '1.3.0']],
    ['1.2.3', ['1.2.3', '1.3.0'], ['1.2.3', '2.0.0'], ['1.2.0', '1.3.0']],
    ['0.2.3', ['0.2.3', '0.3.0'], ['0.2.3', '0.3.0'], ['0.2.0', '0.3.0']],
    ['0.0.3', ['0.0.3', '0.1.0'], ['0.0.3', '0.0.4'], ['0.0.0', '0.1.0']],
    ['0', ['0.0.0', '0.1.0'], ['0.0.0', '0.0.1'], ['0.0.0', '1.0.0']],
    ['1.*', unsupported, unsupported, ['1.0.0', '2.0.0']],
    ['1.2.*', unsupported, unsupported, ['1.2.0', '1.3.0']],
    ['1.2.3.*', ['1.2.3', '1.3.0'], ['1.2.3', '2.0.0'], ['1.2.0', '1.3.0']],
    ['*', unsupported, unsupported, unsupported],
    ['1.x', unsupported, unsupported, unsupported],
    ['1*', unsupported, unsupported, ['1.0.0', '2.0.0']],
    ['1.*.*', unsupported, unsupported, unsupported],
    ['1.*.2', unsupported, unsupported, unsupported],
    ['1*.2', unsupported, unsupported, unsupported],
    ['v1.2', ['1.2.0', '1.3.0'], ['1.2.0', '2.0.0'], ['1.2.0', '1.3.0']],
    ['1.2-beta', ['1.2.0', '1.3.0'], ['1.2.0', '2.0.0'], unsupported],
    ['1.02', unsupported, unsupported, unsupported],
    ['', unsupported, unsupported, unsupported],
  ];
  it.each(rows)('%s', (filter, tilde, caret, wildcard) => {
    expect(answers('tilde', filter, tilde)).toEqual(expected(tilde));
    expect(answers('caret', filter, caret)).toEqual(expected(caret));
    expect(answers('wildcard', filter, wildcard)).toEqual(expected(wildcard));
  });

  /** On either side of either border. */
  function answers(operator: string, filter: string, range: Range): readonly unknown[] {
    const [from, below] = range === unsupported ? ['1.2.3', '1.2.3'] : range;
    return [before(from), from, before(below), `${below}-beta`].map((version) =>
      ask(operator, filter, version),
    );
  }

  function expected(range: Range): readonly unknown[] {
    return range === unsupported ? Array(4).fill(unsupported) : [false, true, true, false];
  }

  it('needs a version in the property', () => {
    expect(ask('tilde', '1.2.3', 'latest')).toBe('missing_context');
  });
});

/** The greatest version below one, with parts up to 9999; nothing is below 0.0.0. */
function before(version: string): string {
  const [major = 0, minor = 0, patch = 0] = version.split('.').map(Number);
  if (patch > 0) return `${major}.${minor}.${patch - 1}`;
  if (minor > 0) return `${major}.${minor - 1}.9999`;
  return major > 0 ? `${major - 1}.9999.9999` : '99.0.0';
}
