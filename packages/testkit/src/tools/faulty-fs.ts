/** What goes wrong, and when. */
export interface FsFault {
  /** The operation that it happens to, counted from 1 over all operations of the port and of the handles it gave. */
  readonly at: number;
  /**
   * `fail`: it fails with `code`. `stop`: it and every later one never end, as for a process that was killed; functions named `...Sync`
   * throw instead. `truncate`: as `stop`, but where it writes, the first half of the bytes gets there.
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
 * Wraps a file system port (an object of functions, such as `node:fs` or `node:fs/promises`) so that its k-th operation fails, is cut short or never
 * ends. File handles that the port opens, and objects inside it, are wrapped too. Without a fault it only counts.
 */
export function faultyFs<P extends object>(port: P, fault?: FsFault): FaultyFs<P> {
  const operations: string[] = [];
  const struck = Promise.withResolvers<void>();

  const wrap = <T extends object>(target: T): T =>
    new Proxy(target, {
      get(from, key) {
        const value: unknown = Reflect.get(from, key, from);
        if (typeof value === 'object' && value !== null) return wrap(value);
        if (typeof value !== 'function') return value;
        const operation = value.bind(from) as Operation;
        const name = String(key);
        if (!name.endsWith('Sync')) return (...given: unknown[]) => run(operation, name, given);
        return (...given: unknown[]) => runSync(operation, name, given);
      },
    });

  /** What happens to the next operation. */
  const next = (name: string): 'works' | 'is struck' | 'is over' => {
    const now = operations.push(name);
    if (fault === undefined || now < fault.at) return 'works';
    if (now === fault.at) return 'is struck';
    return fault.kind === 'fail' ? 'works' : 'is over';
  };
  const failure = (name: string): Error => {
    const code = fault?.code ?? 'EIO';
    return Object.assign(new Error(`${code}: injected by faultyFs, ${name}`), { code, syscall: name });
  };

  const run = async (operation: Operation, name: string, given: unknown[]): Promise<unknown> => {
    const fate = next(name);
    if (fate === 'works') {
      const result = await operation(...given);
      return isHandle(result) ? wrap(result) : result;
    }
    if (fate === 'is struck' && fault?.kind === 'truncate' && name.startsWith('write'))
      await operation(...given.map(half));
    struck.resolve();
    if (fault?.kind === 'fail') throw failure(name);
    return new Promise(() => undefined);
  };

  // A function that may not wait cannot stop for ever: it throws, and so does all that comes after it.
  const runSync = (operation: Operation, name: string, given: unknown[]): unknown => {
    const fate = next(name);
    if (fate === 'works') return operation(...given);
    if (fate === 'is struck' && fault?.kind === 'truncate' && name.startsWith('write')) operation(...given.map(half));
    struck.resolve();
    throw failure(name);
  };

  return { fs: wrap(port), operations, struck: struck.promise };
}

function isHandle(value: unknown): value is object {
  return typeof value === 'object' && value !== null && 'close' in value;
}

function half(argument: unknown): unknown {
  return argument instanceof Uint8Array ? argument.subarray(0, argument.byteLength >> 1) : argument;
}
