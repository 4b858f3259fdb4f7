/** What there is to try, for the page's cards. */

export interface ShopRoute {
  readonly path: string;
  readonly about: string;
  /** The gate as it stands in the code. */
  readonly gate: string;
}

export const shopRoutes: readonly ShopRoute[] = [
  {
    path: '/checkout',
    about: 'The one-page checkout, or the classic one by a fallback handler.',
    gate: "@FeatureFlag('new-checkout', { otherwise: { handler: 'classicCheckout' } })",
  },
  {
    path: '/products',
    about: 'The shelf. Newcomers see lower prices.',
    gate: "@FlagPayload('welcome-discount')",
  },
  {
    path: '/home',
    about: 'The opening that the experiment has chosen.',
    gate: "@FlagResult('homepage-hero')",
  },
  {
    path: '/winter',
    about: 'For one variant only, everybody else is sent home.',
    gate: "@FeatureFlag('homepage-hero', { variant: 'seasonal', otherwise: { redirect: '/home' } })",
  },
  {
    path: '/lounge',
    about: 'Does not exist for those outside the early-access circle.',
    gate: "@FeatureFlag('early-access-lounge')",
  },
  {
    path: '/delivery/express',
    about: 'Says no in its own words: an exception factory.',
    gate: "@FeatureFlag('express-delivery', { otherwise: () => new ForbiddenException(…) })",
  },
  {
    path: '/gifts',
    about: 'Two flags have to be on.',
    gate: "@FeatureFlag({ all: ['gift-wrapping', 'gift-message'] })",
  },
  {
    path: '/fast-payment',
    about: 'One of two flags is enough.',
    gate: "@FeatureFlag({ any: ['quick-pay', 'pay-by-invoice'] })",
  },
  {
    path: '/wholesale',
    about: 'A company flag on the whole controller.',
    gate: "class: @FeatureFlag('wholesale-catalogue')",
  },
  {
    path: '/wholesale/invoice',
    about: 'The gate of the class and one of its own.',
    gate: "class: @FeatureFlag('wholesale-catalogue') and @FeatureFlag('pay-by-invoice')",
  },
  {
    path: '/staff/stock',
    about: 'For people who work here.',
    gate: "class: @FeatureFlag('staff-tools')",
  },
  {
    path: '/concierge',
    about: 'Cannot be decided here, so it is refused.',
    gate: "@FeatureFlag('vip-concierge')",
  },
  {
    path: '/basket',
    about: 'Cannot be decided here, and is served all the same.',
    gate: "@FeatureFlag('remember-basket', { whenUnresolved: 'allow' })",
  },
];
