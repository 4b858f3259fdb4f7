/** The people to try the shop with. Each one sees another shop; none of them exists. */
import type { EvaluationContext } from 'nestjs-feature-flags';

export interface Person {
  readonly name: string;
  readonly about: string;
  readonly shopper: EvaluationContext;
}

const DAY_MS = 24 * 60 * 60 * 1000;

/** Dates move with the clock, so that a newcomer stays one. */
export function people(nowMs: number = Date.now()): readonly Person[] {
  const daysAgo = (days: number): string =>
    new Date(nowMs - days * DAY_MS).toISOString().slice(0, 10);
  return [
    {
      name: 'Jonas',
      about: 'New customer in Germany',
      shopper: {
        distinctId: 'jonas',
        personProperties: {
          email: 'jonas@mail.example',
          country: 'DE',
          membership: 'none',
          orders_count: 1,
          signed_up_at: daysAgo(6),
          last_order_at: daysAgo(5),
          platform: 'web',
          $device_id: 'laptop-4f',
        },
      },
    },
    {
      name: 'Grace',
      about: 'Club member in Britain, mobile app',
      shopper: {
        distinctId: 'grace',
        personProperties: {
          email: 'grace@mail.example',
          country: 'GB',
          membership: 'club',
          orders_count: 42,
          signed_up_at: '2021-03-14',
          last_order_at: daysAgo(12),
          wants_news: true,
          platform: 'ios',
          app_version: '4.5.1',
          $device_id: 'phone-a1',
        },
      },
    },
    {
      name: 'Maya',
      about: 'Buys for a hotel on the wholesale plan',
      shopper: {
        distinctId: 'maya',
        personProperties: {
          email: 'maya@northwind.example',
          country: 'US',
          membership: 'club',
          orders_count: 9,
          signed_up_at: '2024-11-02',
          last_order_at: daysAgo(30),
          wants_news: false,
          platform: 'web',
          $device_id: 'desk-7',
        },
        groups: { company: 'northwind' },
        groupProperties: { company: { plan: 'wholesale', employees: 240 } },
      },
    },
    {
      name: 'Priya',
      about: 'Works in the roastery',
      shopper: {
        distinctId: 'priya',
        personProperties: {
          email: 'priya@harbour.example',
          employee_id: 'HC-0042',
          country: 'GB',
          membership: 'club',
          orders_count: 3,
          signed_up_at: '2023-06-01',
          last_order_at: daysAgo(90),
          platform: 'android',
          app_version: '4.1.9',
          $device_id: 'phone-c9',
        },
      },
    },
    {
      name: 'A visitor',
      about: 'Not signed in: nothing is known',
      shopper: { distinctId: 'visitor-42' },
    },
  ];
}
