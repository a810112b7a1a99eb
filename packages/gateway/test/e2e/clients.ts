import { Client, type ClientCapabilities, StreamableHTTPClientTransport } from '@modelcontextprotocol/client';

/** A connected client of either era, as an asynchronous resource. */
export async function connect(
  url: string,
  era: 'legacy' | 'modern' = 'modern',
  headers: Record<string, string> = {},
  capabilities: ClientCapabilities = {},
): Promise<Client & AsyncDisposable> {
  const client = new Client(
    { name: 'test-client', version: '1.0.0' },
    { capabilities, versionNegotiation: { mode: era === 'modern' ? 'auto' : 'legacy' } },
  );
  await client.connect(new StreamableHTTPClientTransport(new URL(url), { requestInit: { headers } }));
  return Object.assign(client, { [Symbol.asyncDispose]: () => client.close() });
}

/** The text of a result's first block. */
export function textOf(result: { content: readonly unknown[] }): string {
  const [first] = result.content as readonly { text?: string }[];
  return first?.text ?? '';
}
