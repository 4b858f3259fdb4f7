/**
 * Bodies compressed by Node's own zlib, off the event loop. A record that is not compressed is read
 * as it is, so that the codec can be introduced and given up while the app runs. What comes out is
 * bounded: few bytes that become too many are refused when the bound is reached, not afterwards.
 */
import zlib from 'node:zlib';
import { propertyOf } from '../../given/given-value.js';
import { refusedRecord } from '../refused-record.js';
import type { RecordCodec } from './record-codec.js';

/** @publicApi */
export type Compression = 'gzip' | 'brotli' | 'zstd';

type Answer = (error: Error | null, result: Buffer) => void;

interface Engine {
  readonly compress: (bytes: Uint8Array, answer: Answer) => void;
  readonly expand: (bytes: Uint8Array, bound: { maxOutputLength: number }, answer: Answer) => void;
}

/** Beyond this, brotli takes seconds for what gains a few percent. */
const BROTLI_QUALITY = 5;
const brotliOptions = { params: { [zlib.constants.BROTLI_PARAM_QUALITY]: BROTLI_QUALITY } };

/** Node has it since 22.15; the types of older versions do not know it. */
interface WithZstd {
  readonly zstdCompress?: Engine['compress'];
  readonly zstdDecompress?: Engine['expand'];
}

function engineOf(compression: unknown): Engine | undefined {
  switch (compression) {
    case 'gzip':
      return { compress: zlib.gzip, expand: zlib.gunzip };
    case 'brotli': {
      const compress: Engine['compress'] = (bytes, answer) =>
        zlib.brotliCompress(bytes, brotliOptions, answer);
      return { compress, expand: zlib.brotliDecompress };
    }
    case 'zstd': {
      const { zstdCompress: compress, zstdDecompress: expand }: WithZstd = zlib as WithZstd;
      return compress && expand && { compress, expand };
    }
    default:
      return undefined;
  }
}

/**
 * `gzip` is read everywhere; `brotli` is smaller and a little slower; `zstd` needs Node 22.15. Put
 * it before `sealed`: what is encrypted cannot be compressed.
 * @publicApi
 */
export function compressed(compression: Compression = 'gzip'): RecordCodec {
  const engine = engineOf(compression);
  if (engine === undefined) return unusable(compression);
  return {
    name: compression,
    encode: (bytes) => settle((answer) => engine.compress(bytes, answer)),
    async decode(bytes, { maxBytes, revision }) {
      try {
        return await settle((answer) =>
          engine.expand(bytes, { maxOutputLength: maxBytes }, answer),
        );
      } catch (error) {
        if (!isTooMuch(error)) throw error;
        throw refusedRecord(
          revision,
          `has more than the ${maxBytes} bytes allowed, once it is expanded`,
          'Raise maxBodyBytes if the project has grown so large.',
        );
      }
    },
  };
}

function unusable(compression: unknown): RecordCodec {
  const mistake =
    compression === 'zstd'
      ? `compressed('zstd') needs Node 22.15 or newer, and this is ${process.version}. Use compressed('gzip') or compressed('brotli').`
      : `compressed(…) takes 'gzip', 'brotli' or 'zstd'.`;
  const refuse = (): never => {
    throw new TypeError(mistake);
  };
  return { mistakes: [mistake], encode: refuse, decode: refuse };
}

function settle(work: (answer: Answer) => void): Promise<Buffer> {
  return new Promise((resolve, reject) => {
    work((error, result) => (error === null ? resolve(result) : reject(error)));
  });
}

function isTooMuch(error: unknown): boolean {
  return propertyOf(error, 'code') === 'ERR_BUFFER_TOO_LARGE';
}
