/** What goes wrong, and when. */
export interface FsFault {
  /** The operation that it happens to, counted from 1 over all operations of the port and of the handles it gave. */
  readonly at: number;
  /**
   * `fail`: it rejects with `code`. `truncate`: where it writes, only the first half of the bytes gets there, then as `stop`. `stop`: it and
   * every later one never end, as for a process that was killed.
   */
  readonly kind: 'fail' | 'truncate' | 'stop';
  /** @default "EIO" */
  readonly code?: string;
}

/** A port with a fault, and what has been seen of it. */
export interface FaultyFs<P extends object> {
  /** Use this instead of the port. */
  readonly fs: P;
  /** Names of all operations so far, in order: its length bounds a test that puts the fault at each of them. */
  readonly operations: readonly string[];
  /** Resolves when the fault has happened. */
  readonly struck: Promise<void>;
}

type Operation = (...given: unknown[]) => unknown;

/**
 * Wraps a file system port (an object of functions, such as `node:fs/promises`) so that its k-th operation fails, is cut short or never
 * ends. File handles that the port opens are wrapped too. Without a fault it only counts.
 */
export function faultyFs<P extends object>(port: P, fault?: FsFault): FaultyFs<P> {
  const operations: string[] = [];
  const struck = Promise.withResolvers<void>();

  const wrap = <T extends object>(target: T): T =>
    new Proxy(target, {
      get(from, key) {
        const value: unknown = Reflect.get(from, key, from);
        if (typeof value !== 'function') return value;
        return (...given: unknown[]) => run(value.bind(from) as Operation, String(key), given);
      },
    });

  const run = async (operation: Operation, name: string, given: unknown[]): Promise<unknown> => {
    operations.push(name);
    const now = operations.length;
    const stopped = fault !== undefined && fault.kind !== 'fail' && now > fault.at;
    if (stopped) return new Promise(() => undefined);
    if (fault === undefined || now !== fault.at) {
      const result = await operation(...given);
      return isHandle(result) ? wrap(result) : result;
    }
    if (fault.kind === 'truncate' && name.startsWith('write')) await operation(...given.map(half));
    struck.resolve();
    if (fault.kind !== 'fail') return new Promise(() => undefined);
    const code = fault.code ?? 'EIO';
    throw Object.assign(new Error(`${code}: injected by faultyFs, ${name}`), { code, syscall: name });
  };

  return { fs: wrap(port), operations, struck: struck.promise };
}

function isHandle(value: unknown): value is object {
  return typeof value === 'object' && value !== null && 'close' in value;
}

function half(argument: unknown): unknown {
  return argument instanceof Uint8Array ? argument.subarray(0, argument.byteLength >> 1) : argument;
}
