export interface ToolList {
  readonly tools: readonly Tool[];
}

export interface Tool {
  /** As clients see it and as `POST call` takes it. */
  readonly name: string;
  readonly server: string;
  /** As its server has it. */
  readonly ownName: string;
  readonly title?: string;
  readonly description?: string;
  /** JSON Schema, as the server gave it. */
  readonly inputSchema: unknown;
  readonly outputSchema?: unknown;
  readonly annotations?: Readonly<Record<string, unknown>>;
}

export interface CallRequest {
  readonly tool: string;
  readonly arguments: Readonly<Record<string, unknown>>;
}

/** A result of MCP as clients get it, or the error they would get. */
export interface CallAnswer {
  readonly result?: Readonly<Record<string, unknown>>;
  readonly error?: { readonly code: number; readonly message: string; readonly data?: unknown };
  readonly durationMs: number;
  /** Its id among the calls. */
  readonly call?: string;
}
