import { describe, expect, it } from '@jest/globals';
import {
  changedNodes,
  type ReferencedDefinitions,
} from '../../../lib/core/evaluation/changed-nodes.js';

/** Each node with its content, and the nodes to which it refers. */
type Nodes = Readonly<Record<string, readonly [content: number, ...targets: string[]]>>;

function definitionsOf(nodes: Nodes): ReferencedDefinitions {
  return {
    contentOf: (node) => nodes[node]?.[0],
    referencesOf(node) {
      const [, ...targets] = nodes[node] ?? [0];
      return targets;
    },
  };
}

function changed(before: Nodes, after: Nodes, starts = Object.keys(after)): readonly string[] {
  return [...changedNodes(starts, definitionsOf(before), definitionsOf(after))].toSorted();
}

describe('what a refresh changed', () => {
  const before: Nodes = { a: [1, 'base'], b: [2, 'base'], c: [3, 'b'], d: [4], base: [5] };

  it('is nothing where all is as it was', () => {
    expect(changed(before, { ...before })).toEqual([]);
  });

  it('is all that refers to what is another now, directly or not', () => {
    expect(changed(before, { ...before, base: [6] })).toEqual(['a', 'b', 'base', 'c']);
    expect(changed(before, { ...before, b: [7, 'base'] })).toEqual(['b', 'c']);
  });

  it('is all that refers to what is no longer there', () => {
    const { base: _base, ...rest } = before;
    expect(changed(before, rest)).toEqual(['a', 'b', 'base', 'c']);
  });

  it('is found behind those from which it starts, and nowhere else', () => {
    const after: Nodes = { ...before, base: [6], d: [8] };
    expect(changed(before, after, ['c'])).toEqual(['b', 'base', 'c']);
    expect(changed(before, after, ['d'])).toEqual(['d']);
  });

  it('is found on a circle as well', () => {
    const circle: Nodes = { x: [1, 'y'], y: [2, 'z'], z: [3, 'x'] };
    expect(changed(circle, circle)).toEqual([]);
    expect(changed(circle, { ...circle, y: [4, 'z'] })).toEqual(['x', 'y', 'z']);
  });
});
