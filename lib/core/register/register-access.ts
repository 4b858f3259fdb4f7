/**
 * Changes of a register: read, apply a rule, replace; and again when somebody was quicker. A
 * change that loses nothing when it is not written (what a check only learns) is not fought for.
 */
import type { RuleResult } from '../coordination/claim-rules.js';
import type { ClaimState } from '../coordination/claim-state.js';
import { FlagsError } from '../errors/flags-error.js';
import type { Clock } from '../time/clock.js';
import { pause } from '../time/deadline.js';
import type { Register, RegisterValue } from './register.js';
import type { RegisterTime } from './register-time.js';
import { emptyRegisterValue } from './register-value.js';

export interface RegisterAccessParts {
  readonly register: Register;
  readonly time: RegisterTime;
  readonly clock: Clock;
  readonly random: () => number;
  /** Where it is, for errors. */
  readonly description: string;
}

/** What a rule finds: the state, the time of the store, and the rest of the value. */
export interface RegisterView {
  readonly state: ClaimState;
  readonly nowMs: number;
  readonly value: RegisterValue;
}

/** A rule's answer, with the number of members where it has counted them. */
export type RegisterChange<Reply> = RuleResult<Reply> & { readonly instances?: number };

/** So many instances may be quicker, one after the other, before it is called a failure. */
const MOST_ATTEMPTS = 20;
const LONGEST_PAUSE_MS = 50;

export class RegisterAccess {
  private readonly open = new AbortController();

  constructor(private readonly parts: RegisterAccessParts) {}

  async view(): Promise<RegisterView> {
    return this.viewOf(await this.parts.register.read()).view;
  }

  /**
   * @throws FlagsError `cache-unavailable` when others were quicker each time; what the register
   * throws.
   */
  async change<Reply>(
    rule: (view: RegisterView) => RegisterChange<Reply> | Promise<RegisterChange<Reply>>,
  ): Promise<RuleResult<Reply>> {
    const { register, clock, random, description } = this.parts;
    for (let attempt = 1; attempt <= MOST_ATTEMPTS; attempt += 1) {
      const { view, version } = this.viewOf(await register.read());
      const { state, reply, instances = view.value.instances } = await rule(view);
      if (state === view.state) return { state, reply };
      const next = { state: { ...state, members: new Map() }, writtenAt: view.nowMs, instances };
      if (await register.replace(version, next)) return { state, reply };
      const pauseMs = random() * Math.min(LONGEST_PAUSE_MS, 2 ** attempt);
      await pause(clock, pauseMs, this.open.signal);
      if (this.open.signal.aborted) {
        const message = `${description} was closed while it was to be changed; nothing was changed.`;
        throw new FlagsError(message, { code: 'closed' });
      }
    }
    throw new FlagsError(
      `${description} was changed by others ${MOST_ATTEMPTS} times in a row while this instance tried to; nothing was changed by it, and the next check tries again.`,
      { code: 'cache-unavailable' },
    );
  }

  close(): void {
    this.open.abort();
  }

  private viewOf(entry: Awaited<ReturnType<Register['read']>>) {
    const value = entry?.value ?? emptyRegisterValue;
    const nowMs = this.parts.time.nowMs(entry);
    return { view: { state: value.state, nowMs, value }, version: entry?.version };
  }
}
