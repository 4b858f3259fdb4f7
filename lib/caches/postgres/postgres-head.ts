/** The head of the record, as the function for it answers. Writes nothing, so a standby can say it. */
import type { RecordHead } from '../../core/cache/definition-record.js';
import type { CalledPostgres } from './called-postgres.js';
import { PostgresReply } from './postgres-reply.js';

export async function readPostgresHead(postgres: CalledPostgres): Promise<RecordHead | undefined> {
  const answer = await postgres.call('head');
  if (answer === undefined) return undefined;
  const reply = PostgresReply.of(answer, 7);
  return {
    schema: reply.number(0),
    revision: reply.number(1),
    digest: reply.text(2),
    etag: reply.optionalText(3),
    codec: reply.text(4),
    sizeBytes: reply.number(5),
    ageMs: reply.number(6),
  };
}
