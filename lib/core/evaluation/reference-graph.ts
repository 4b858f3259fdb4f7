/**
 * Who refers to whom among flags and cohorts. A reference that lies on a circle, or that leads
 * deeper than any honest definition, is blocked before anything follows it: what a filter
 * behind it would say is unknown. So no evaluation recurses without bound, and the answer does
 * not depend on where the circle was entered.
 *
 * Strongly connected components by Tarjan's algorithm, on demand and without recursion.
 */

/** References that one evaluation may follow, one through another. */
export const deepestReference = 100;

export interface ReferenceGraph {
  isBlocked(from: string, to: string): boolean;
}

interface Visit {
  readonly node: string;
  readonly targets: readonly string[];
  next: number;
  /** Lowest order reachable: equal to the node's own order at the root of a component. */
  low: number;
}

export function referenceGraph(targetsOf: (node: string) => readonly string[]): ReferenceGraph {
  const order = new Map<string, number>();
  const componentOf = new Map<string, number>();
  const heightOf = new Map<string, number>();
  const unassigned: Visit[] = [];
  let components = 0;

  function isBlocked(from: string, to: string): boolean {
    if (!order.has(from)) explore(from);
    const isCircular = componentOf.get(from) === componentOf.get(to);
    return isCircular || height(to) > deepestReference;
  }

  function height(node: string): number {
    return heightOf.get(node) ?? 0;
  }

  function explore(start: string): void {
    const path = [enter(start)];
    for (let visit = path.at(-1); visit !== undefined; visit = path.at(-1)) {
      const target = visit.targets[visit.next];
      if (target === undefined) {
        path.pop();
        leave(visit, path.at(-1));
        continue;
      }
      visit.next += 1;
      const seen = order.get(target);
      if (seen === undefined) path.push(enter(target));
      else if (!componentOf.has(target)) visit.low = Math.min(visit.low, seen);
    }
  }

  function enter(node: string): Visit {
    const visit = { node, targets: targetsOf(node), next: 0, low: order.size };
    order.set(node, order.size);
    unassigned.push(visit);
    return visit;
  }

  function leave(visit: Visit, parent: Visit | undefined): void {
    if (parent !== undefined) parent.low = Math.min(parent.low, visit.low);
    if (visit.low !== order.get(visit.node)) return;
    const members = unassigned.splice(unassigned.lastIndexOf(visit));
    components += 1;
    for (const { node } of members) componentOf.set(node, components);
    for (const { node, targets } of members) heightOf.set(node, heightAbove(node, targets));
  }

  /** Blocked references are not followed, so they add no height. */
  function heightAbove(node: string, targets: readonly string[]): number {
    const followed = targets.filter((target) => !isBlocked(node, target));
    return 1 + followed.reduce((highest, target) => Math.max(highest, height(target)), 0);
  }

  return { isBlocked };
}
