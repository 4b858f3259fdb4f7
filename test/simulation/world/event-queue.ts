/** What is still to happen, earliest first; what falls on one instant, in the order it was said. */

export interface PlannedEvent {
  readonly atMs: number;
  readonly order: number;
  /** Undefined once it was called off. */
  run: (() => void) | undefined;
}

/** A binary heap. */
export class EventQueue {
  private readonly heap: PlannedEvent[] = [];
  private planned = 0;

  plan(atMs: number, run: () => void): PlannedEvent {
    const event = { atMs, order: this.planned, run };
    this.planned += 1;
    this.heap.push(event);
    this.rise(this.heap.length - 1);
    return event;
  }

  get earliest(): PlannedEvent | undefined {
    return this.heap[0];
  }

  takeEarliest(): PlannedEvent | undefined {
    const [earliest] = this.heap;
    const last = this.heap.pop();
    if (last !== undefined && this.heap.length > 0) {
      this.heap[0] = last;
      this.sink(0);
    }
    return earliest;
  }

  private rise(from: number): void {
    let child = from;
    while (child > 0) {
      const parent = (child - 1) >> 1;
      if (!this.isBefore(child, parent)) return;
      this.exchange(child, parent);
      child = parent;
    }
  }

  private sink(from: number): void {
    let parent = from;
    for (;;) {
      const left = 2 * parent + 1;
      const right = left + 1;
      const least = this.isBefore(right, left) ? right : left;
      if (!this.isBefore(least, parent)) return;
      this.exchange(least, parent);
      parent = least;
    }
  }

  private isBefore(one: number, other: number): boolean {
    const { [one]: a, [other]: b } = this.heap;
    if (a === undefined || b === undefined) return a !== undefined;
    return a.atMs === b.atMs ? a.order < b.order : a.atMs < b.atMs;
  }

  private exchange(one: number, other: number): void {
    const { [one]: a, [other]: b } = this.heap;
    if (a === undefined || b === undefined) return;
    this.heap[one] = b;
    this.heap[other] = a;
  }
}
