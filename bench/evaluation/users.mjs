/** For whom the flags are evaluated: the same 1,024 people in every run and for every system. */
import { createHash } from 'node:crypto';

/**
 * @typedef {object} User
 * @property {string} id
 * @property {Readonly<Record<string, string | number>>} properties
 */

/** @type {readonly User[]} */
export const users = Array.from({ length: 1024 }, (_, number) => userOf(number));

/** @param {number} number @returns {User} */
function userOf(number) {
  const pick = (/** @type {readonly string[]} */ values) => values[number % values.length] ?? '';
  return {
    id: uuidOf(number),
    properties: {
      email: `person${number}@${pick(['example.com', 'example.org', 'mail.test'])}`,
      plan: pick(['pro', 'free', 'team']),
      country: pick(['fr', 'de', 'us', 'gb', 'jp']),
      company: pick(['northwind', 'contoso', 'fabrikam']),
      language: 'en',
      city: pick(['berlin', 'bern', 'bergen']),
      tier: 'gold',
      browser: 'firefox',
      device: pick(['notebook', 'netbook']),
      age: 18 + (number % 60),
      seats: number % 10,
      score: number % 1000,
      visits: number % 400,
      logins: 6 + (number % 90),
      version: `${1 + (number % 3)}.${number % 20}.${number % 7}`,
      signedUpAt: new Date(Date.UTC(2023, number % 36, 1 + (number % 28), 9, 30)).toISOString(),
    },
  };
}

/** Looks like a UUID, and is the same in each run. @param {number} number */
function uuidOf(number) {
  const hex = createHash('md5').update(`person ${number}`).digest('hex');
  const parts = [hex.slice(0, 8), hex.slice(8, 12), hex.slice(12, 16), hex.slice(16, 20)];
  return [...parts, hex.slice(20)].join('-');
}
