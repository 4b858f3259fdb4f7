/**
 * The codecs of one cache in their order, first what is nearest to the JSON. A record says in its
 * head which of them it has gone through. One that lacks a codec of ours is read as it lies there,
 * so that codecs can be introduced while the app runs, unless the codec is required; one that has
 * gone through a codec that is not ours cannot be read, and is left to those who can.
 */
import { FlagsError, isFlagsError } from '../../errors/flags-error.js';
import type { RecordBody, RecordHead } from '../definition-record.js';
import { refusedRecord } from '../refused-record.js';
import type { RecordCodec, RecordFacts } from './record-codec.js';

/** What every body is before a codec has seen it. */
export const PLAIN = 'json';

export class CodecPipeline {
  /** As it stands in the head of what is published here. */
  readonly codec: string;

  constructor(private readonly codecs: readonly RecordCodec[]) {
    this.codec = [PLAIN, ...codecs.flatMap(({ name }) => name ?? [])].join('+');
  }

  /** Nothing is done to a body, nor looked at. */
  get isEmpty(): boolean {
    return this.codecs.length === 0;
  }

  /** @throws FlagsError, also for whatever a codec throws. */
  async encode(text: string, facts: RecordFacts): Promise<RecordBody> {
    let bytes: Uint8Array = Buffer.from(text);
    for (const codec of this.codecs) {
      bytes = await guarded(() => codec.encode(bytes, facts), notEncoded(codec));
    }
    return this.codec === PLAIN ? text : bytes;
  }

  /** @returns why a record cannot be read here; undefined for one that can, as far as its head says. */
  mistakeIn({ codec, revision }: Pick<RecordHead, 'codec' | 'revision'>): FlagsError | undefined {
    const { missing, unknown } = this.match(codec);
    const lies = `lies there as ${codec}, and this instance expects ${this.codec}`;
    if (unknown !== undefined) {
      const advice =
        'Give all instances the same codecs, those that only read as well, or give the others another cache key.';
      return refusedRecord(revision, lies, advice);
    }
    if (missing === undefined) return undefined;
    const advice = `Whoever has written it has not the codec ${missing}: an instance without it, or an intruder. It is asked for anew.`;
    return refusedRecord(revision, lies, advice, { code: 'foreign-value' });
  }

  /** @throws FlagsError for what is refused: see {@link mistakeIn} and {@link RecordCodec.decode}. */
  async decode(body: RecordBody, facts: RecordFacts): Promise<Uint8Array> {
    let bytes: Uint8Array = typeof body === 'string' ? Buffer.from(body) : body;
    for (const codec of this.match(facts.codec).steps) {
      bytes = await guarded(() => codec.decode(bytes, facts), notDecoded(codec, facts));
    }
    return bytes;
  }

  /** The steps back to the JSON, the outermost first; names and order must be those of ours. */
  private match(codec: string) {
    const [first, ...names] = codec.split('+');
    const steps: RecordCodec[] = [];
    let missing: string | undefined;
    for (const own of [...this.codecs].reverse()) {
      const isThere = own.name !== undefined && names.at(-1) === own.name;
      if (isThere) names.pop();
      if (isThere || own.name === undefined) steps.push(own);
      else if (own.isRequired === true) missing ??= own.name;
    }
    const unknown = first === PLAIN ? names.at(-1) : codec;
    return { steps, missing, unknown };
  }
}

async function guarded(
  work: () => ReturnType<RecordCodec['encode']>,
  fault: (cause: unknown) => FlagsError,
): Promise<Uint8Array> {
  try {
    return await work();
  } catch (cause) {
    // Without its message, which may quote what it has read.
    throw isFlagsError(cause) ? cause : fault(cause);
  }
}

function notEncoded({ name = 'without a name' }: RecordCodec) {
  return (cause: unknown) =>
    new FlagsError(
      `The definitions were not published: the codec ${name} could not encode them. They are used here, and are published by whoever can.`,
      { code: 'invalid-definitions', cause },
    );
}

function notDecoded({ name = 'without a name' }: RecordCodec, { revision }: RecordFacts) {
  return (cause: unknown) =>
    refusedRecord(
      revision,
      `cannot be decoded by the codec ${name}`,
      'It was spoilt on its way, or something else has written under its key. It is asked for anew.',
      { code: 'foreign-value', cause },
    );
}
