/** What a client writes; only ids and methods of it are looked at by wires. */
export interface OutFrame {
  readonly jsonrpc: '2.0';
  readonly id?: string | number;
  readonly method?: string;
  readonly params?: Readonly<Record<string, unknown>>;
  readonly result?: unknown;
  readonly error?: unknown;
}

export interface WireEvents {
  /** A frame has come, on whatever way; its text as it was written. */
  readonly frame: (text: string) => void;
  /** Nothing more will come for what has been asked, and why. */
  readonly lost: (reason: string) => void;
}

/** A way to one server that carries frames and understands nothing. */
export interface Wire extends AsyncDisposable {
  send(frame: OutFrame): Promise<void>;
}

/** How a wire is opened: a program that is started, or an address. */
export type Target =
  | { readonly kind: 'pipe'; readonly program: Program }
  | { readonly kind: 'http' | 'sse'; readonly url: string };

export interface Program {
  readonly command: string;
  readonly args: readonly string[];
  readonly env: Readonly<Record<string, string>>;
  readonly cwd: string;
}
