import type { ChildProcess } from 'node:child_process';
import type { Client } from 'sdk-1-32/client/index.js';

export type Transport = 'streamable HTTP' | 'stdio' | 'HTTP+SSE';

/** What every SDK's client has, by the names of the newest 1.x. */
type Common = Pick<
  Client,
  | 'listTools'
  | 'listResources'
  | 'listResourceTemplates'
  | 'listPrompts'
  | 'readResource'
  | 'getPrompt'
  | 'complete'
  | 'ping'
  | 'sendRootsListChanged'
  | 'getServerVersion'
  | 'getServerCapabilities'
>;

export interface CallOptions {
  readonly signal?: AbortSignal;
  readonly onprogress?: (progress: { readonly progress: number }) => void;
}

export interface ToolResult {
  readonly content: readonly { readonly type: string; readonly text?: string }[];
  readonly isError?: boolean;
}

/** A connected client of some SDK, with the differences between the SDKs taken out. It answers what it is asked with `NAME`. */
export interface RealClient extends AsyncDisposable {
  readonly common: Common;
  /** The session over streamable HTTP; undefined where there is none. */
  readonly sessionId: () => string | undefined;
  /** The methods of what it was asked. */
  readonly asked: readonly string[];
  call(name: string, args?: Record<string, unknown>, options?: CallOptions): Promise<ToolResult>;
  /** Calls a tool and asks for log messages from this level on, in the way of the client's era. */
  callWithLogs(name: string, level: 'info' | 'error'): Promise<unknown>;
  hear(method: string, listener: (params: Record<string, unknown>) => void): void;
  /** Asks to be told of changes: of this resource, and of the list of tools. */
  watch(uri: string): Promise<unknown>;
}

/** How clients answer what they are asked. */
export const NAME = 'ada';

export const ANSWERS = {
  'sampling/createMessage': { role: 'assistant', model: 'none', content: { type: 'text', text: NAME } },
  'roots/list': { roots: [{ uri: `file:///${NAME}`, name: NAME }] },
  'elicitation/create': { action: 'accept', content: { name: NAME, username: NAME, email: `${NAME}@x` } },
} as const;

/** What clients say of themselves, of what they can answer. */
export const CAPABILITIES = { sampling: {}, roots: { listChanged: true }, elicitation: {} } as const;

/** Each call of an SDK over stdio waits for the pipe to its program by itself: as many calls as an exercise makes at once may, unwarned. */
export function letManyWait(wire: object): void {
  if ('_process' in wire) (wire._process as ChildProcess).stdin?.setMaxListeners(50);
}

/** The text of a result's first block. */
export function textOf({ content: [first] }: ToolResult): string {
  return first?.text ?? '';
}
