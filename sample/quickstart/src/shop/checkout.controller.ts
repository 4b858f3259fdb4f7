/** Paying. The new checkout and the classic one live side by side; the flag picks. */
import { Controller, Get } from '@nestjs/common';
import { FeatureFlag, FlagEnabled } from 'nestjs-feature-flags';

@Controller()
export class CheckoutController {
  @Get('checkout')
  @FeatureFlag('new-checkout', { otherwise: { handler: 'classicCheckout' } })
  onePageCheckout(@FlagEnabled('gift-wrapping') giftWrapping: boolean) {
    return { checkout: 'one page', steps: ['everything'], giftWrapping };
  }

  /** Not a route: what GET /checkout serves while `new-checkout` is off. */
  classicCheckout() {
    return { checkout: 'classic', steps: ['address', 'delivery', 'payment', 'review'] };
  }

  @Get('gifts')
  @FeatureFlag({ all: ['gift-wrapping', 'gift-message'] })
  gifts() {
    return { gift: { wrapping: 'linen', card: 'Up to 200 characters' } };
  }

  @Get('fast-payment')
  @FeatureFlag({ any: ['quick-pay', 'pay-by-invoice'] })
  fastPayment(
    @FlagEnabled('quick-pay') oneTap: boolean,
    @FlagEnabled('pay-by-invoice') invoice: boolean,
  ) {
    return { payBy: { oneTap, invoice } };
  }
}
