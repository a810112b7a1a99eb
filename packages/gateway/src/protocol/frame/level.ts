import { KnownNames } from './known-names.ts';

const MCP = 'io.modelcontextprotocol/';

/** Go's decoders, and others, take a key in any case: folded both ways, for ſ (long s) and the Kelvin sign. */
const fold = (key: string): string => key.toUpperCase().toLowerCase();

/**
 * What one object of the envelope may hold.
 *
 * - `routing`: the gateway decides by it, so every reader must read it alike: no key twice, and none that differs from a
 *   known one only in case.
 * - `answer`: no known key twice.
 * - `payload`: anything that is JSON; the last of two equal keys wins, as in JSON.parse.
 */
export class Level {
  readonly kind: 'routing' | 'answer' | 'payload';
  readonly #names: KnownNames;
  readonly #known: ReadonlySet<string>;
  readonly #folded: ReadonlySet<string>;
  readonly #inside: ReadonlyMap<string, Level>;

  constructor(kind: Level['kind'], names: readonly string[], inside: Readonly<Record<string, Level>> = {}) {
    this.kind = kind;
    this.#names = new KnownNames(names);
    this.#known = new Set(names);
    this.#folded = new Set(names.map(fold));
    this.#inside = new Map(Object.entries(inside));
  }

  nameAt(bytes: Buffer, from: number, to: number): string | undefined {
    return this.#names.at(bytes, from, to);
  }

  has(key: string): boolean {
    return this.#known.has(key);
  }

  /** The level of the object under this key, where its members are looked at too. */
  inside(key: string): Level | undefined {
    return this.#inside.size === 0 ? undefined : this.#inside.get(key);
  }

  /** True for a key that is not known, but that some reader takes for one that is. */
  isLookAlike(key: string): boolean {
    return this.#folded.has(fold(key)) && !this.#known.has(key);
  }
}

const META_KEYS = [
  'progressToken',
  ...[
    'protocolVersion',
    'clientInfo',
    'clientCapabilities',
    'logLevel',
    'serverInfo',
    'related-task',
    'subscriptionId',
  ].map((key) => MCP + key),
];

const PARAMS = new Level(
  'routing',
  [
    ...['name', 'arguments', '_meta', 'uri', 'cursor', 'ref', 'argument', 'context', 'level', 'requestId', 'reason'],
    ...['progressToken', 'progress', 'total', 'message', 'taskId', 'task', 'inputResponses', 'requestState'],
    ...['protocolVersion', 'capabilities', 'clientInfo'],
  ],
  { _meta: new Level('routing', META_KEYS) },
);

const RESULT = new Level(
  'answer',
  [
    ...['_meta', 'resultType', 'isError', 'content', 'structuredContent', 'nextCursor', 'task', 'inputRequests'],
    ...['requestState', 'tools', 'prompts', 'resources', 'resourceTemplates', 'contents', 'messages', 'completion'],
    ...['protocolVersion', 'capabilities', 'serverInfo', 'instructions', 'description'],
  ],
  { _meta: new Level('answer', META_KEYS) },
);

/** One whole JSON-RPC frame. */
export const FRAME: Level = new Level('routing', ['jsonrpc', 'id', 'method', 'params', 'result', 'error'], {
  params: PARAMS,
  result: RESULT,
  error: new Level('answer', ['code', 'message', 'data']),
});

/** Any object inside the payload; its names are those that lists and contents have most. */
export const PAYLOAD: Level = new Level('payload', [
  ...['type', 'text', 'data', 'mimeType', 'uri', 'name', 'title', 'description', 'inputSchema', 'outputSchema'],
  ...['annotations', 'execution', 'icons', 'arguments', 'role', 'content', 'resource', 'blob', 'size', '_meta'],
]);
