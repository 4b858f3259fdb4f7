/**
 * A lease in a register: the rules of `lease-rules.ts`, applied to what was read and written back
 * only if nobody was quicker. Who asks while another has it only reads; its owner writes at each
 * look, for that is how a lease is kept.
 */
import { acquire, giveUp } from '../coordination/lease-rules.js';
import type { LeaseStore } from '../coordination/lease-store.js';
import type { RegisterAccess } from './register-access.js';

export class RegisterLease implements LeaseStore {
  constructor(private readonly access: RegisterAccess) {}

  async acquire(owner: string, leaseMs: number): Promise<boolean> {
    return (await this.acquireWithToken(owner, leaseMs, 0)) !== undefined;
  }

  async acquireWithToken(
    owner: string,
    leaseMs: number,
    floor: number,
  ): Promise<number | undefined> {
    const request = { owner, leaseMs, floor };
    const { reply } = await this.access.change(({ state, nowMs }) => {
      return acquire(state, request, nowMs);
    });
    return reply;
  }

  async release(owner: string): Promise<void> {
    await this.access.change(({ state }) => ({ state: giveUp(state, owner), reply: undefined }));
  }
}
