/** A refusal in the shop's own words instead of the default 404. */
import { Controller, ForbiddenException, Get } from '@nestjs/common';
import { FeatureFlag, FlagPayload } from 'nestjs-feature-flags';

@Controller('delivery')
export class DeliveryController {
  @Get('express')
  @FeatureFlag('express-delivery', {
    otherwise: () => new ForbiddenException('We do not deliver to you the same evening yet.'),
  })
  express(@FlagPayload('express-delivery') window: unknown) {
    return { delivery: 'this evening', window: window ?? null };
  }
}
