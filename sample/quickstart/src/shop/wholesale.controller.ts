/** A gate on the class stands before every route of it; a gate on a route comes on top. */
import { Controller, Get } from '@nestjs/common';
import { FeatureFlag, FlagPayload } from 'nestjs-feature-flags';

@Controller('wholesale')
@FeatureFlag('wholesale-catalogue')
export class WholesaleController {
  @Get()
  catalogue() {
    return { unit: '30 kg sack', products: [{ name: 'Harbour House', price: 285 }] };
  }

  @Get('invoice')
  @FeatureFlag('pay-by-invoice')
  invoice(@FlagPayload('pay-by-invoice') terms: unknown) {
    return { payBy: 'invoice', terms: terms ?? null };
  }
}
