import { describe, expect, it } from '@jest/globals';
import { PostHogDefinitionSource } from '../../lib/posthog/posthog-definition-source.js';
import type { PostHogDefinitionSourceOptions } from '../../lib/posthog/posthog-definition-source.options.js';
import { FlagsError } from '../../lib/core/errors/flags-error.js';

const keys = { projectApiKey: 'phc_canary', secretKey: 'phs_canary' };

function errorOf(options: unknown): FlagsError {
  try {
    void new PostHogDefinitionSource(options as PostHogDefinitionSourceOptions);
  } catch (error) {
    if (error instanceof FlagsError) return error;
    throw error;
  }
  throw new Error('expected the options to be refused');
}

describe('the host', () => {
  it.each([
    [undefined, 'https://us.i.posthog.com'],
    ['https://eu.i.posthog.com', 'https://eu.i.posthog.com'],
    [' https://eu.i.posthog.com/// ', 'https://eu.i.posthog.com'],
    ['https://app.posthog.com', 'https://us.i.posthog.com'],
    ['https://us.posthog.com/', 'https://us.i.posthog.com'],
    ['https://eu.posthog.com', 'https://eu.i.posthog.com'],
    ['https://flags.example.com/ingest/', 'https://flags.example.com/ingest'],
    ['HTTPS://Flags.Example.COM:443', 'https://flags.example.com'],
    ['http://localhost:8000', 'http://localhost:8000'],
    ['http://posthog.localhost', 'http://posthog.localhost'],
    ['http://127.0.0.5:8000', 'http://127.0.0.5:8000'],
    ['http://[::1]:8000', 'http://[::1]:8000'],
  ])('%p is asked at %s', (host, expected) => {
    const options = host === undefined ? keys : { ...keys, host };
    expect(new PostHogDefinitionSource(options).description).toBe(expected);
  });

  it.each([
    ['no URL', 'us.i.posthog.com', /must be a URL/],
    ['blank', '  ', /must be a URL/],
    ['no text', 5, /must be a URL/],
    ['null', null, /must be a URL/],
    ['another protocol', 'ftp://posthog.example.com', /must begin with "https:\/\/", got "ftp:"/],
    ['http over a network', 'http://posthog.internal', /allowInsecureHttp: true/],
    ['http that only looks local', 'http://localhost.example.com', /allowInsecureHttp: true/],
    ['credentials', 'https://user:canary@posthog.example.com', /user name or a password/],
    ['a query', 'https://posthog.example.com/?token=canary', /query or a fragment/],
    ['a fragment', 'https://posthog.example.com/#canary', /query or a fragment/],
  ])('is refused, unprinted: %s', (_name, host, why) => {
    const error = errorOf({ ...keys, host });
    expect(error.message).toMatch(why);
    expect(error.message).toContain('1. host');
    expect(error.message).not.toContain('canary');
  });

  it('may be reached over http when the user says so', () => {
    const host = 'http://posthog.internal:8000';
    const source = new PostHogDefinitionSource({ ...keys, host, allowInsecureHttp: true });
    expect(source.description).toBe(host);
  });
});

describe('wrong options', () => {
  it.each<[string, Record<string, unknown>, RegExp]>([
    ['no project key', { projectApiKey: undefined }, /projectApiKey is missing/],
    ['a blank project key', { projectApiKey: ' ' }, /projectApiKey is blank/],
    ['a numeric project key', { projectApiKey: 5 }, /projectApiKey must be a string, got a number/],
    [
      'a secret as project key',
      { projectApiKey: 'phx_canary' },
      /projectApiKey holds a secret key/,
    ],
    ['a project key on two lines', { projectApiKey: 'phc_a\nb' }, /projectApiKey holds spaces/],
    ['no secret key', { secretKey: undefined }, /secretKey is missing.*phs_….*phx_…/],
    ['a blank secret key', { secretKey: '' }, /secretKey is blank/],
    ['a public key as secret', { secretKey: 'phc_canary' }, /secretKey holds a public project/],
    ['a secret key in quotes and spaces', { secretKey: 'phs_a b' }, /secretKey holds spaces/],
    ['no time at all', { requestTimeoutMs: 0 }, /requestTimeoutMs must be a whole number from 1/],
    ['a time in words', { requestTimeoutMs: '10s' }, /requestTimeoutMs must be a whole number/],
    ['a time no timer can hold', { requestTimeoutMs: 2 ** 31 }, /requestTimeoutMs must be/],
    ['a body of no size', { maxBodyBytes: -1 }, /maxBodyBytes must be a whole number/],
    ['consent in words', { allowInsecureHttp: 'yes' }, /allowInsecureHttp must be a boolean/],
    ['a fetch that is none', { fetch: 'node-fetch' }, /fetch must be a function, got a string/],
    ['a name of another SDK', { personalApiKey: 'phx_canary' }, /personalApiKey is no option/],
  ])('are named: %s', (_name, wrong, why) => {
    const error = errorOf({ ...keys, ...wrong });
    expect(error.code).toBe('invalid-options');
    expect(error.message).toMatch(why);
    expect(error.message).toMatch(/1 of its options is wrong/);
    expect(error.message).not.toContain('canary');
  });

  it('are all named in one error', () => {
    const { message } = errorOf({ host: 'x', secretKey: 'phc_canary', timeout: 5 });
    expect(message.split('\n').map((line) => line.trim().split(' ').slice(0, 2).join(' '))).toEqual(
      [
        expect.stringContaining('PostHogDefinitionSource'),
        '1. host',
        '2. projectApiKey',
        '3. secretKey',
        '4. timeout',
      ],
    );
    expect(message).toContain('4 of its options are wrong');
  });

  it.each([[undefined], [null], ['phc_canary']])('are refused when they are %p', (options) => {
    expect(errorOf(options).message).toContain('options must be an object');
  });

  it('may be keys with blanks around them, as environment variables have them', () => {
    const options = { projectApiKey: ' phc_canary\n', secretKey: 'phs_canary\n' };
    expect(() => new PostHogDefinitionSource(options)).not.toThrow();
  });
});
