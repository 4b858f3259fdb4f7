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

interface Visit {
  readonly node: string;
  readonly targets: readonly string[];
  next: number;
  /** Lowest order reachable: equal to the node's own order at the root of a component. */
  low: number;
}

export class ReferenceGraph {
  readonly #order = new Map<string, number>();
  readonly #componentOf = new Map<string, number>();
  readonly #heightOf = new Map<string, number>();
  readonly #unassigned: Visit[] = [];
  #components = 0;

  constructor(readonly targetsOf: (node: string) => readonly string[]) {}

  /** True when this reference must not be followed. */
  isBlocked(from: string, to: string): boolean {
    if (!this.#order.has(from)) this.#explore(from);
    const isCircular = this.#componentOf.get(from) === this.#componentOf.get(to);
    return isCircular || this.#height(to) > deepestReference;
  }

  #explore(start: string): void {
    const path = [this.#enter(start)];
    for (let visit = path.at(-1); visit !== undefined; visit = path.at(-1)) {
      const target = visit.targets[visit.next];
      if (target === undefined) {
        path.pop();
        this.#leave(visit, path.at(-1));
        continue;
      }
      visit.next += 1;
      const seen = this.#order.get(target);
      if (seen === undefined) path.push(this.#enter(target));
      else if (!this.#componentOf.has(target)) visit.low = Math.min(visit.low, seen);
    }
  }

  #enter(node: string): Visit {
    const order = this.#order.size;
    const visit = { node, targets: this.targetsOf(node), next: 0, low: order };
    this.#order.set(node, order);
    this.#unassigned.push(visit);
    return visit;
  }

  #leave(visit: Visit, parent: Visit | undefined): void {
    if (parent !== undefined) parent.low = Math.min(parent.low, visit.low);
    if (visit.low !== this.#order.get(visit.node)) return;
    const members = this.#unassigned.splice(this.#unassigned.lastIndexOf(visit));
    this.#components += 1;
    for (const { node } of members) this.#componentOf.set(node, this.#components);
    for (const member of members) this.#heightOf.set(member.node, this.#heightAbove(member));
  }

  /** Blocked references are not followed, so they add no height. */
  #heightAbove({ node, targets }: Visit): number {
    const followed = targets.filter((target) => !this.isBlocked(node, target));
    return 1 + followed.reduce((highest, target) => Math.max(highest, this.#height(target)), 0);
  }

  /** 0 for a node that nothing has explored: it refers to nothing. */
  #height(node: string): number {
    return this.#heightOf.get(node) ?? 0;
  }
}
