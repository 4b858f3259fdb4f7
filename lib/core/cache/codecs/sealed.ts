/**
 * Bodies that only who has a key can write, or read. The seal covers the body and what must not be
 * swapped around it: the schema, the digest, the chain of codecs, the revision, and the key of the
 * cache. So nobody can put the body of another revision, project or app in the place of this one.
 *
 * The bytes: version, mode, length of the key's id, the id; then either the HMAC-SHA-256 and the
 * body, or a random nonce, the tag of AES-256-GCM and what was encrypted.
 *
 * What it does not promise: freshness. Who can write to the store can delete what lies there, can
 * put a record back that was valid once, together with its head (an instance that holds a newer one
 * refuses it, one that starts takes it until the next fetch), and can change what is not sealed:
 * the etag, the age, who fetches and when.
 */
import {
  createCipheriv,
  createDecipheriv,
  createHmac,
  randomBytes,
  timingSafeEqual,
} from 'node:crypto';
import { FlagsError } from '../../errors/flags-error.js';
import { refusedRecord } from '../refused-record.js';
import type { RecordCodec, RecordFacts } from './record-codec.js';
import { deriveKeys, mistakesInKeys, type DerivedKeys, type SealKey } from './seal-keys.js';

/** @publicApi */
export interface SealOptions {
  /** The first one seals, all of them open: a new key is added last everywhere, and then made first. */
  readonly keys: readonly SealKey[];
  /**
   * `sign`: all can read, only who has a key can write. `encrypt`: only who has a key can do either.
   * Records of both modes are read.
   * @default 'sign'
   */
  readonly mode?: 'sign' | 'encrypt';
}

const VERSION = 1;
const modes = { sign: 1, encrypt: 2 } as const;
const FIXED_HEADER_BYTES = 3;
const MAC_BYTES = 32;
/** 96 bits, as GCM wants them: random, which is safe for 2^32 publications under one key. */
const NONCE_BYTES = 12;
const TAG_BYTES = 16;
const ADVICE =
  'Most likely the instances have different secrets under one key id: compare them. Else somebody without the key has written it, or it was spoilt on its way: look who can write to the store. It is asked for anew.';

/**
 * A record that is not sealed, or wrongly, is refused. Put it last.
 * @publicApi
 */
export function sealed(options: SealOptions): RecordCodec {
  const { keys, mode = 'sign' } = Object(options) as SealOptions;
  const mistakes = [...mistakesInKeys(keys)];
  if (!Object.hasOwn(modes, mode)) mistakes.push(`sealed: mode must be 'sign' or 'encrypt'.`);
  const isRight = mistakes.length === 0;
  const ring = new Map(isRight ? keys.map(({ id, secret }) => [id, deriveKeys(secret)]) : []);
  const [own] = ring;
  return {
    name: 'sealed',
    isRequired: true,
    mistakes,
    encode(bytes, facts) {
      // The mistakes were reported before; this is for who calls it all the same.
      if (own === undefined) throw new TypeError(mistakes.join(' '));
      if (facts.revision === undefined) throw noRevision();
      const [id, derived] = own;
      const header = headerOf(mode, id);
      return Buffer.concat([header, sealers[mode].seal(bytes, derived, header, facts)]);
    },
    decode(bytes, facts) {
      const { mode: sealedAs, id, header, rest } = readHeader(bytes, facts);
      const derived = ring.get(id);
      if (derived === undefined) throw unknownKey(id, [...ring.keys()], facts);
      return sealers[sealedAs].open(rest, derived, header, facts);
    },
  };
}

interface Sealer {
  seal(bytes: Uint8Array, keys: DerivedKeys, header: Buffer, facts: RecordFacts): Buffer;
  open(rest: Buffer, keys: DerivedKeys, header: Buffer, facts: RecordFacts): Uint8Array;
}

const sealers: Readonly<Record<keyof typeof modes, Sealer>> = {
  sign: {
    seal: (bytes, keys, header, facts) => Buffer.concat([macOf(bytes, keys, header, facts), bytes]),
    open(rest, keys, header, facts) {
      const body = rest.subarray(MAC_BYTES);
      const mac = rest.subarray(0, MAC_BYTES);
      const isOurs =
        mac.byteLength === MAC_BYTES && timingSafeEqual(mac, macOf(body, keys, header, facts));
      if (!isOurs) throw tampered(facts);
      return body;
    },
  },
  encrypt: {
    seal(bytes, { encrypt }, header, facts) {
      const nonce = randomBytes(NONCE_BYTES);
      const cipher = createCipheriv('aes-256-gcm', encrypt, nonce, { authTagLength: TAG_BYTES });
      cipher.setAAD(boundTo(header, facts));
      const hidden = [cipher.update(bytes), cipher.final()];
      return Buffer.concat([nonce, cipher.getAuthTag(), ...hidden]);
    },
    open(rest, { encrypt }, header, facts) {
      const nonce = rest.subarray(0, NONCE_BYTES);
      const tag = rest.subarray(NONCE_BYTES, NONCE_BYTES + TAG_BYTES);
      if (tag.byteLength !== TAG_BYTES) throw tampered(facts);
      const cipher = createDecipheriv('aes-256-gcm', encrypt, nonce, { authTagLength: TAG_BYTES });
      cipher.setAAD(boundTo(header, facts));
      cipher.setAuthTag(tag);
      try {
        const hidden = rest.subarray(NONCE_BYTES + TAG_BYTES);
        return Buffer.concat([cipher.update(hidden), cipher.final()]);
      } catch {
        throw tampered(facts);
      }
    },
  },
};

function macOf(bytes: Uint8Array, { sign }: DerivedKeys, header: Buffer, facts: RecordFacts) {
  return createHmac('sha256', sign).update(boundTo(header, facts)).update(bytes).digest();
}

/** With its own length, so that no byte of the body can be taken for one of the facts. */
function boundTo(header: Buffer, { schema, digest, codec, revision, key }: RecordFacts): Buffer {
  const facts = Buffer.from(JSON.stringify([schema, digest, codec, revision, key ?? null]));
  const length = Buffer.alloc(4);
  length.writeUInt32BE(facts.byteLength);
  return Buffer.concat([header, length, facts]);
}

function headerOf(mode: keyof typeof modes, id: string): Buffer {
  return Buffer.concat([Buffer.from([VERSION, modes[mode], id.length]), Buffer.from(id)]);
}

function readHeader(bytes: Uint8Array, facts: RecordFacts) {
  const all = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const [version, modeByte, idBytes = 0] = all;
  const mode = modeByte === modes.sign ? 'sign' : 'encrypt';
  if (all.byteLength < FIXED_HEADER_BYTES || modes[mode] !== modeByte) throw tampered(facts);
  if (version !== VERSION) throw tampered(facts);
  const headerBytes = FIXED_HEADER_BYTES + idBytes;
  const id = all.toString('latin1', FIXED_HEADER_BYTES, headerBytes);
  const header = all.subarray(0, headerBytes);
  return { mode, id, header, rest: all.subarray(headerBytes) } as const;
}

function tampered({ revision }: RecordFacts): FlagsError {
  return refusedRecord(revision, 'has a seal that does not fit it', ADVICE, {
    code: 'foreign-value',
  });
}

function unknownKey(id: string, known: readonly string[], { revision }: RecordFacts): FlagsError {
  // What lies there may be anything: only what could be an id is repeated.
  const name = /^[\w.:-]{1,32}$/.test(id) ? id : 'with an id that is none';
  return refusedRecord(
    revision,
    `is sealed with the key ${name}, and this instance knows ${known.join(', ')}`,
    'Give every instance all keys that are in use; a new one becomes the first when all have it.',
    { code: 'foreign-value' },
  );
}

function noRevision(): FlagsError {
  return new FlagsError(
    'The definitions were not published: the coordination of this cache gives them no revision beforehand, so a seal cannot bind it. Use claimed() or leased().',
    { code: 'invalid-definitions' },
  );
}
