/**
 * The overrides of one request: what the app has set in code, and beneath that what the request
 * carries with a signature. A request is trusted less than the code that serves it, so where both
 * name a flag the code counts.
 */
import type { FlagSnapshot } from '../core/evaluation/flag-snapshot.js';
import { propertyOf } from '../core/given/given-value.js';
import { OverriddenSnapshot, type OverrideLayer } from '../core/overrides/overridden-snapshot.js';
import type { OverrideStack } from '../core/overrides/override-stack.js';
import {
  openSignedOverrides,
  type SignedOverridesSettings,
} from '../core/overrides/signed-overrides.js';
import type { Clock } from '../core/time/clock.js';
import type { OverridesLog } from '../log/overrides.log.js';
import { cookieValue } from './cookie-value.js';
import { keepOutOfCaches } from './private-response.js';

export interface RequestOverridesParts {
  /** Undefined: requests override nothing. */
  readonly settings: SignedOverridesSettings | undefined;
  readonly stack: OverrideStack;
  readonly clock: Clock;
  readonly log: OverridesLog;
}

/** As much of a request as can carry an override, and of its response as tells caches of it. */
export interface CarryingRequest {
  readonly headers?: unknown;
  readonly response?: object | undefined;
  /** Work that goes on after the response is not the request's any more. */
  readonly isOver: boolean;
}

export class RequestOverrides {
  constructor(private readonly parts: RequestOverridesParts) {}

  /** The snapshot with all that is overridden: for the process, and for this request if one is given. */
  over(snapshot: FlagSnapshot, request?: CarryingRequest): FlagSnapshot {
    const { settings, stack } = this.parts;
    const layer = settings && request && this.layerOf(request, settings);
    return stack.over(layer === undefined ? snapshot : new OverriddenSnapshot(snapshot, layer));
  }

  private layerOf(
    request: CarryingRequest,
    settings: SignedOverridesSettings,
  ): OverrideLayer | undefined {
    const { headers, response } = request;
    const text = carriedText(headers, settings);
    if (text === undefined || request.isOver) return undefined;
    const { clock, log } = this.parts;
    const opened = openSignedOverrides(text, settings.rules, clock.now());
    if (opened.kind === 'refused') {
      log.signedOneUnheeded(opened.why);
      return undefined;
    }
    if (response !== undefined && !keepOutOfCaches(response)) {
      log.signedOneUnheeded('headers-sent');
      return undefined;
    }
    const { overrides, distinctId } = opened;
    log.signedOneAccepted({ ...opened, keys: [...overrides.keys()] });
    const onOtherPerson = (): void => log.signedOneUnheeded('other-person');
    return { overrides, distinctId, origin: 'by a signed override of the request', onOtherPerson };
  }
}

function carriedText(
  headers: unknown,
  { header, cookie }: SignedOverridesSettings,
): string | undefined {
  const inHeader = header === undefined ? undefined : propertyOf(headers, header);
  if (typeof inHeader === 'string' && inHeader !== '') return inHeader;
  const cookies = cookie === undefined ? undefined : propertyOf(headers, 'cookie');
  if (cookie === undefined || typeof cookies !== 'string') return undefined;
  return cookieValue(cookies, cookie);
}
