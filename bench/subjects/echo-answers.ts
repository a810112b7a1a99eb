import type { Era } from '../load/messages.ts';

export interface Message {
  readonly id?: number | string;
  readonly method: string;
  readonly params?: {
    readonly protocolVersion?: string;
    readonly name?: string;
    readonly arguments?: { readonly text?: string };
  };
}

const BIG_BYTES = 100_000;
const NOT_FOUND = { code: -32_601, message: 'Method not found' };
const SERVER = { serverInfo: { name: 'echo', version: '1.0.0' }, capabilities: { tools: {} } };

/** No number in them has seven digits, which are a call's. */
const records = Array.from({ length: 1_000 }, (_, i) => ({
  id: i,
  name: `record number ${i}`,
  price: i / 4,
  tags: ['red', 'green'],
  active: i % 3 === 0,
  parent: null,
}));
const bytesEach = JSON.stringify(records).length / records.length;
const some = records.slice(0, Math.ceil(BIG_BYTES / bytesEach));

/** What stands behind the echoed text in the answer of each tool. */
const TAILS: Readonly<Record<string, string>> = {
  echo: ']',
  records: `],"structuredContent":${JSON.stringify({ records: some })}`,
  text: `,${JSON.stringify({ type: 'text', text: JSON.stringify(some) })}]`,
};

/** The answer of a server with three tools: `echo`, and two whose answers are 100 kB of records or of a text. */
export function answerOf({ id, method, params }: Message, era: Era): string {
  const complete = era === '2026' ? '"resultType":"complete",' : '';
  const tail = TAILS[params?.name ?? ''];
  if (method === 'tools/call' && tail !== undefined) {
    const text = JSON.stringify(params?.arguments?.text ?? '');
    return `{"jsonrpc":"2.0","id":${JSON.stringify(id)},"result":{${complete}"content":[{"type":"text","text":${text}}${tail}}}`;
  }
  const result = resultOf(method, era, params?.protocolVersion);
  return JSON.stringify({ jsonrpc: '2.0', id, ...(result ? { result } : { error: NOT_FOUND }) });
}

function resultOf(method: string, era: Era, protocolVersion: string | undefined): object | undefined {
  if (method === 'tools/list') {
    const inputSchema = { type: 'object', properties: { text: { type: 'string' } } };
    const tools = Object.keys(TAILS).map((name) => ({ name, inputSchema }));
    return era === '2026' ? { resultType: 'complete', ttlMs: 60_000, cacheScope: 'public', tools } : { tools };
  }
  if (method === 'ping') return {};
  if (era === '2025') return method === 'initialize' ? { protocolVersion, ...SERVER } : undefined;
  if (method !== 'server/discover') return undefined;
  return { resultType: 'complete', supportedVersions: ['2026-07-28'], ...SERVER };
}
