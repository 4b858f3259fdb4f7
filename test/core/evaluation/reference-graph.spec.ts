import { describe, expect, it } from '@jest/globals';
import { deepestReference, ReferenceGraph } from '../../../lib/core/evaluation/reference-graph.js';

function graphOf(targets: Record<string, readonly string[]>): ReferenceGraph {
  return new ReferenceGraph((node) => targets[node] ?? []);
}

describe('a reference', () => {
  const graph = graphOf({
    a: ['b', 'c'],
    b: ['d'],
    c: ['d', 'e'],
    d: [],
    e: ['f', 'g'],
    f: ['e'],
    g: ['h', 'g'],
    h: ['d'],
  });

  it.each([
    ['a', 'b', false],
    ['b', 'd', false],
    ['c', 'e', false],
    ['e', 'f', true],
    ['f', 'e', true],
    ['e', 'g', false],
    ['g', 'g', true],
    ['g', 'h', false],
    ['h', 'd', false],
  ])('from %s to %s is blocked: %s', (from, to, isBlocked) => {
    expect(graph.isBlocked(from, to)).toBe(isBlocked);
  });

  it('is blocked or not, wherever one comes from first', () => {
    const circles = { a: ['b'], b: ['c', 'd'], c: ['a'], d: ['e'], e: ['d', 'f'], f: [] };
    for (const start of Object.keys(circles)) {
      const fresh = graphOf(circles);
      fresh.isBlocked(start, 'nowhere');
      expect(fresh.isBlocked('a', 'b')).toBe(true);
      expect(fresh.isBlocked('c', 'a')).toBe(true);
      expect(fresh.isBlocked('b', 'd')).toBe(false);
      expect(fresh.isBlocked('d', 'e')).toBe(true);
      expect(fresh.isBlocked('e', 'f')).toBe(false);
    }
  });

  it('is blocked on a circle that is closed by a later reference', () => {
    const graph = graphOf({ a: ['leaf', 'b'], b: ['leaf', 'a'], leaf: [] });
    expect(graph.isBlocked('a', 'b')).toBe(true);
    expect(graph.isBlocked('b', 'a')).toBe(true);
    expect(graph.isBlocked('a', 'leaf')).toBe(false);
  });

  it('is blocked on a circle that was entered from far', () => {
    const graph = graphOf({ a: ['b'], b: ['c'], c: ['d'], d: ['e'], e: ['c'] });
    expect(graph.isBlocked('a', 'b')).toBe(false);
    expect(graph.isBlocked('b', 'c')).toBe(false);
    expect(graph.isBlocked('c', 'd')).toBe(true);
    expect(graph.isBlocked('d', 'e')).toBe(true);
    expect(graph.isBlocked('e', 'c')).toBe(true);
  });

  it('to a node that the definitions do not hold is not', () => {
    expect(graphOf({ a: ['nowhere'] }).isBlocked('a', 'nowhere')).toBe(false);
  });

  it('is blocked where it leads too deep, and what refers to it is not', () => {
    const row: Record<string, string[]> = {};
    for (let index = 0; index < 20_000; index++) row[`n${index + 1}`] = [`n${index}`];
    const long = graphOf(row);
    const isBlocked = (index: number) => long.isBlocked(`n${index + 1}`, `n${index}`);
    expect(isBlocked(deepestReference - 1)).toBe(false);
    expect(isBlocked(deepestReference)).toBe(true);
    expect(isBlocked(deepestReference + 1)).toBe(false);
    expect(isBlocked(19_999)).toBe(false);
  });
});
