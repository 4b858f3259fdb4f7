/**
 * Bodies, cut into pieces: an item holds at most 400 kB. A small item says how many pieces there
 * are; it is written first, so that what a writer that died has left can be found, and read first,
 * so that a body with a piece missing reads as none. It holds none of the bytes, because a list is
 * charged by the size of the items that it goes over.
 *
 * Nothing here has a time to live: one that runs out would take away what is current wherever flags
 * change rarely. What was overtaken is deleted by the next publication.
 */
import { createHash } from 'node:crypto';
import type { StoredBody } from '../../core/cache/body-store.js';
import type { RegisterBodies } from '../../core/register/register.js';
import type { AttributeValue, Expression, Item } from './dynamodb-sdk.js';
import type { DynamodbTable } from './dynamodb-table.js';

/** Keys and other attributes have to fit into the 400 kB, too. */
export const PIECE_BYTES = 350_000;

/** What the facts of a body look like in the item that holds them. */
interface Manifest {
  readonly sum: string;
  readonly pieces: number;
  readonly isText: boolean;
  readonly facts: Omit<StoredBody, 'body'>;
}

const BODY = 'body#';

export class DynamodbBodies implements RegisterBodies {
  constructor(private readonly table: DynamodbTable) {}

  async write({ body, ...facts }: StoredBody): Promise<boolean> {
    const isText = typeof body === 'string';
    const bytes = isText ? Buffer.from(body) : body;
    // Two bodies of one digest can have other bytes (sealed ones have): pieces must not be mixed.
    const hash = createHash('sha256').update(JSON.stringify(facts)).update(`${isText}`);
    const sum = hash.update(bytes).digest('hex');
    const pieces = piecesOf(bytes);
    const manifest = manifestToItem({ sum, pieces: pieces.length, isText, facts });
    const isOurs = unlessOther(sum);
    if (!(await this.table.putIf(bodyKey(facts.revision), manifest, isOurs))) return false;
    const written = await this.table.each([...pieces.entries()], ([n, piece]) =>
      this.table.putIf(
        pieceKey(facts.revision, n),
        { sum: { S: sum }, bytes: { B: piece } },
        isOurs,
      ),
    );
    return written.every(Boolean);
  }

  async read(revision: number): Promise<StoredBody | undefined> {
    const manifest = manifestFromItem(await this.table.get(bodyKey(revision)));
    if (manifest?.facts.revision !== revision) return undefined;
    const numbers = Array.from({ length: manifest.pieces }, (_, n) => n);
    const items = await this.table.each(numbers, (n) => this.table.get(pieceKey(revision, n)));
    const pieces = items.map((item) =>
      item?.['sum']?.S === manifest.sum ? item['bytes']?.B : undefined,
    );
    if (!pieces.every((piece) => piece !== undefined)) return undefined;
    const bytes = Buffer.concat(pieces);
    return { ...manifest.facts, body: manifest.isText ? bytes.toString() : new Uint8Array(bytes) };
  }

  async keepOnly(revisions: readonly number[]): Promise<void> {
    const highest = Math.max(...revisions);
    for (const item of await this.table.all(BODY)) {
      const revision = Number(this.table.nameOf(item, BODY));
      if (!(revision < highest) || revisions.includes(revision)) continue;
      const { pieces = 0 } = manifestFromItem(item) ?? {};
      const numbers = Array.from({ length: pieces }, (_, n) => n);
      await this.table.each(numbers, (n) => this.table.remove(pieceKey(revision, n)));
      // Last: who dies before it leaves something by which the rest is found.
      await this.table.remove(bodyKey(revision));
    }
  }
}

function bodyKey(revision: number): string {
  return `${BODY}${revision}`;
}

function pieceKey(revision: number, n: number): string {
  return `piece#${revision}#${n}`;
}

function unlessOther(sum: string): Expression {
  return {
    text: 'attribute_not_exists(#sum) OR #sum = :sum',
    names: { '#sum': 'sum' },
    values: { ':sum': { S: sum } },
  };
}

/** At least one, for an empty body is one, too. */
function piecesOf(bytes: Uint8Array): Uint8Array[] {
  const count = Math.max(1, Math.ceil(bytes.byteLength / PIECE_BYTES));
  return Array.from({ length: count }, (_, n) =>
    bytes.subarray(n * PIECE_BYTES, (n + 1) * PIECE_BYTES),
  );
}

function manifestToItem({ sum, pieces, isText, facts }: Manifest): Item {
  const { revision, schema, digest, codec, etag } = facts;
  return {
    sum: { S: sum },
    pieces: number(pieces),
    kind: { S: isText ? 'text' : 'bytes' },
    revision: number(revision),
    schema: number(schema),
    digest: { S: digest },
    codec: { S: codec },
    ...(etag === undefined || etag === '' ? {} : { etag: { S: etag } }),
  };
}

/** Undefined for anything that {@link manifestToItem} did not make. */
function manifestFromItem(item: Item | undefined): Manifest | undefined {
  const sum = item?.['sum']?.S;
  const digest = item?.['digest']?.S;
  const codec = item?.['codec']?.S;
  const pieces = Number(item?.['pieces']?.N);
  const revision = Number(item?.['revision']?.N);
  const schema = Number(item?.['schema']?.N);
  if (sum === undefined || digest === undefined || codec === undefined) return undefined;
  if (![pieces, revision, schema].every(Number.isSafeInteger)) return undefined;
  if (pieces < 1 || pieces > MOST_PIECES) return undefined;
  const facts = { revision, schema, digest, codec, etag: item?.['etag']?.S };
  return { sum, pieces, isText: item?.['kind']?.S === 'text', facts };
}

/** One gibibyte, the largest `maxBodyBytes`; a number that was tampered with asks for no more. */
const MOST_PIECES = 3_100;

function number(value: number): AttributeValue {
  return { N: String(value) };
}
