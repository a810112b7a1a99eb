import { builtInDialects, type Dialect } from '@lockgate/abi';

/** Where a thread finds a dialect: functions do not pass between threads. */
export interface DialectReference {
  readonly id: string;
  /** The file that exports it; the built-in ones are known to every thread. */
  readonly url: string | undefined;
}

export function referTo({ id, url }: Dialect): DialectReference {
  return { id, url };
}

/**
 * Makes sure that worker threads will find a dialect, before one is started and cannot say what it lacks.
 *
 * @throws TypeError when it has no `url`, or that file cannot be imported or exports no such dialect
 */
export async function requireReachable({ id, url }: Dialect): Promise<void> {
  if (url === undefined && !builtInDialects.some((dialect) => dialect.id === id)) {
    throw new TypeError(
      `Expected the dialect "${id}" to have the "url" of the file that exports it: workers import it. Or use isolation "inline".`,
    );
  }
  await findDialect({ id, url });
}

/** @throws TypeError when the file cannot be imported or exports no such dialect */
export async function findDialect({ id, url }: DialectReference): Promise<Dialect> {
  const exported: readonly unknown[] = url === undefined ? builtInDialects : await exportsOf(url);
  const dialect = exported.find((value) => (value as Dialect | null | undefined)?.id === id);
  if (dialect === undefined) throw new TypeError(`Expected ${url} to export the dialect "${id}"; it does not.`);
  return dialect as Dialect;
}

async function exportsOf(url: string): Promise<readonly unknown[]> {
  try {
    return Object.values(await import(url));
  } catch (cause) {
    const reason = cause instanceof Error ? cause.message : String(cause);
    throw new TypeError(`Expected "url" of a dialect to be a file that can be imported, got ${url}: ${reason}`, {
      cause,
    });
  }
}
