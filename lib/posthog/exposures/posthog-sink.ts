/**
 * Exposures through a posthog-node client that the app has. The client gathers, sends and tries
 * again by its own settings, and adds what it knows of the request; who made it shuts it down.
 */
import { FlagsError } from '../../core/errors/flags-error.js';
import type { Exposure } from '../../core/exposure/exposure.js';
import type { ExposureSink } from '../../core/exposure/exposure-sink.js';
import { hasMethod } from '../../core/given/given-value.js';
import { FLAG_CALLED, flagCalledProperties } from './flag-called-event.js';

/** As much of posthog-node's client as is called. @publicApi */
export interface PostHogCapture {
  capture(event: {
    distinctId: string;
    event: string;
    properties: Record<string, unknown>;
    groups?: Record<string, string>;
  }): void;
}

/**
 * A sink that hands each exposure to `client.capture()` at once, as `$feature_flag_called`. Turn the
 * client's own events off where it evaluates the same flags (`sendFeatureFlagEvent: false`).
 * @throws FlagsError `invalid-argument` for what has no `capture`.
 * @publicApi
 */
export function posthogSink(client: PostHogCapture): ExposureSink {
  if (!hasMethod(client, 'capture')) {
    throw new FlagsError(
      `posthogSink() got ${client === null ? 'null' : typeof client}, expected a client with the method capture. Pass an instance of PostHog from posthog-node.`,
      { code: 'invalid-argument' },
    );
  }
  return {
    description: 'the posthog-node client',
    takesAtOnce: true,
    send: (exposures) => {
      for (const exposure of exposures) client.capture(capturedAs(exposure));
    },
  };
}

function capturedAs(exposure: Exposure): Parameters<PostHogCapture['capture']>[0] {
  const { distinctId, groups } = exposure;
  const event = {
    distinctId,
    event: FLAG_CALLED,
    properties: { ...flagCalledProperties(exposure) },
  };
  return Object.keys(groups).length === 0 ? event : { ...event, groups: { ...groups } };
}
