/** Rooms for some. What nobody here can decide stays shut, unless the route says otherwise. */
import { Controller, Get } from '@nestjs/common';
import { FeatureFlag } from 'nestjs-feature-flags';

@Controller()
export class ClubController {
  /** For everybody else this route does not exist: 404. */
  @Get('lounge')
  @FeatureFlag('early-access-lounge')
  lounge() {
    return { lounge: 'Tasting on Thursday, 18:00', roasts: ['Honduras anaerobic', 'Kenya AB'] };
  }

  /** The list of VIPs is kept by PostHog, so the flag is unresolved here and the gate refuses. */
  @Get('concierge')
  @FeatureFlag('vip-concierge')
  concierge() {
    return { concierge: 'Ask us anything' };
  }

  /** A kept basket harms nobody: served although the flag cannot be decided here. */
  @Get('basket')
  @FeatureFlag('remember-basket', { whenUnresolved: 'allow' })
  basket() {
    return { basket: [{ name: 'Harbour House', quantity: 2 }] };
  }
}
