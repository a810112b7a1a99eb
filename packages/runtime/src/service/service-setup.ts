import type { CompiledComponent } from '@lockgate/abi';
import type { ServedRequest } from '../component/http/incoming-request.ts';
import type { PlacedGrant } from '../options.ts';

/** Bytes of answers that may be under way to the main thread; who writes more waits. */
export const MOST_BYTES_UNDER_WAY: number = 4 * 1024 * 1024;

/** Words of the second block that both threads see; the first is a `ControlWord` of commands. */
export const FlowWord = {
  /** Bytes that have been posted and not been taken. */
  underWay: 0,
  /** The first of {@link UNWANTED_WORDS} words. */
  unwanted: 1,
} as const;

/**
 * Words for the ids of requests that nobody wants any more, plus one: an instance that writes without a pause keeps its thread
 * from hearing of it. There are more than requests are answered at once, so that one is not overwritten soon.
 */
const UNWANTED_WORDS = 64;

export const FLOW_WORDS: number = FlowWord.unwanted + UNWANTED_WORDS;

/** The word of this request. */
export function unwantedWord(id: number): number {
  return FlowWord.unwanted + (id % UNWANTED_WORDS);
}

/** What the thread of a service is started with. */
export interface ServiceSetup {
  readonly code: CompiledComponent;
  readonly args: readonly string[];
  readonly env: Readonly<Record<string, string>>;
  readonly storage: readonly PlacedGrant[];
  readonly hasKeyValue: boolean;
  /** Requests over HTTP that all its instances together may have under way. */
  readonly mostRequests: number;
  /** What it may reach over HTTP, as `http.allow` has it. */
  readonly hosts: readonly string[];
  /** For all its instances together. */
  readonly memoryCeilingBytes: number;
  readonly control: SharedArrayBuffer;
  readonly flow: SharedArrayBuffer;
}

/** What the thread says. Requests that came to the guest have ids, those that it makes have numbers. */
export type ServiceMessage =
  | 'up'
  | { readonly unlinked: string }
  | { readonly id: number; readonly status: number; readonly headers: readonly (readonly [string, string])[] }
  | { readonly id: number; readonly bytes: Uint8Array }
  | { readonly id: number; readonly ended: true }
  | { readonly id: number; readonly failed: string }
  | { readonly sent: number; readonly http: string }
  | { readonly stderr: Uint8Array }
  | { readonly trap: string; readonly stack: string | undefined };

/** What the thread is told. */
export type ServiceOrder =
  | { readonly id: number; readonly request: ServedRequest }
  | { readonly id: number; readonly abort: true }
  | { readonly sent: number; readonly answer: string };
