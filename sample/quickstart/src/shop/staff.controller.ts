/** For people who work here. A flag is no substitute for authorisation: a real app has both. */
import { Controller, Get } from '@nestjs/common';
import { FeatureFlag } from 'nestjs-feature-flags';

@Controller('staff')
@FeatureFlag('staff-tools')
export class StaffController {
  @Get('stock')
  stock() {
    return { stock: [{ name: 'Harbour House', sacks: 14 }], nextRoast: 'Tuesday' };
  }
}
