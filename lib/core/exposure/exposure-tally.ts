/** Counts what became of exposures, and tells when things begin to go wrong and when they are right again. */
import type { ExposureCounts, ExposureTrouble } from './exposure-sink.js';

export class ExposureTally {
  pending = 0;
  private sent = 0;
  private dropped = 0;
  private lost = 0;
  /** What was dropped or lost before the trouble that goes on; undefined: there is none. */
  private droppedBefore: number | undefined;
  private lostBefore: number | undefined;

  constructor(
    private readonly room: number,
    private readonly onTrouble: (trouble: ExposureTrouble) => void,
  ) {}

  get counts(): ExposureCounts {
    const { pending, sent, dropped, lost } = this;
    return { pending, sent, dropped, lost };
  }

  /** Whether one more may be taken; if not, it counts as dropped. */
  admits(): boolean {
    if (this.pending < this.room) {
      this.pending += 1;
      return true;
    }
    if (this.droppedBefore === undefined) {
      this.droppedBefore = this.dropped;
      this.onTrouble({ kind: 'full', room: this.room });
    }
    this.dropped += 1;
    return false;
  }

  refuse(): void {
    this.dropped += 1;
  }

  sentWell(count: number): void {
    this.pending -= count;
    this.sent += count;
    if (this.lostBefore !== undefined) {
      this.onTrouble({ kind: 'works', lost: this.lost - this.lostBefore });
      this.lostBefore = undefined;
    }
    this.tellRoom();
  }

  failed(count: number, error: unknown): void {
    this.pending -= count;
    if (this.lostBefore === undefined) {
      this.lostBefore = this.lost;
      this.onTrouble({ kind: 'failed', error });
    }
    this.lost += count;
    this.tellRoom();
  }

  /** The app ends: what still waits is lost. */
  cutOff(): void {
    const { pending } = this;
    if (pending === 0) return;
    this.pending = 0;
    this.lost += pending;
    this.onTrouble({ kind: 'cut-off', lost: pending });
  }

  /** Not at the first place that is free: the next exposure may take it. */
  private tellRoom(): void {
    if (this.droppedBefore === undefined || this.pending > this.room / 2) return;
    this.onTrouble({ kind: 'has-room', dropped: this.dropped - this.droppedBefore });
    this.droppedBefore = undefined;
  }
}
