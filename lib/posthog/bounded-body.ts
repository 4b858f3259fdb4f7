/**
 * Reads the body of a response, as it streams in, up to a number of bytes. The bytes counted are
 * those after decompression, so a small compressed body cannot fill the memory.
 */

export type BoundedText =
  | { readonly kind: 'text'; readonly text: string }
  | { readonly kind: 'too-large' }
  | { readonly kind: 'not-utf8' };

/** The body as text. Rejects when the connection breaks, with the error of the stream. */
export async function readBoundedText(
  body: ReadableStream<Uint8Array> | null,
  maxBytes: number,
): Promise<BoundedText> {
  if (body === null) return { kind: 'text', text: '' };
  const reader = body.getReader();
  const chunks: Uint8Array[] = [];
  let bytes = 0;
  for (let part = await reader.read(); !part.done; part = await reader.read()) {
    bytes += part.value.byteLength;
    if (bytes > maxBytes) {
      // The rest is not waited for: a cancelled stream closes its connection.
      reader.cancel().catch(() => undefined);
      return { kind: 'too-large' };
    }
    chunks.push(part.value);
  }
  return decode(Buffer.concat(chunks));
}

function decode(bytes: Uint8Array): BoundedText {
  try {
    return { kind: 'text', text: new TextDecoder('utf-8', { fatal: true }).decode(bytes) };
  } catch {
    return { kind: 'not-utf8' };
  }
}
