/** What an instance answers: a room behind a flag, and how it stands with its flags. */
import { Controller, Get } from '@nestjs/common';
import { FeatureFlag, FlagsService, FlagVariant } from 'nestjs-feature-flags';

@Controller()
export class ShopController {
  constructor(private readonly flags: FlagsService) {}

  /** 404 while `new-checkout` is off. */
  @Get('checkout')
  @FeatureFlag('new-checkout')
  checkout(@FlagVariant('buy-button') button?: string) {
    return { checkout: 'new', button };
  }

  @Get('status')
  status() {
    return this.flags.status();
  }
}
