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

/** Whether another thread would find it. */
export function isKnownToWorkers({ id, url }: Dialect): boolean {
  return url !== undefined || builtInDialects.some((dialect) => dialect.id === id);
}

/** @throws TypeError when the file exports no such dialect, and what importing it throws */
export async function findDialect({ id, url }: DialectReference): Promise<Dialect> {
  const exported: readonly unknown[] = url === undefined ? builtInDialects : Object.values(await import(url));
  const dialect = exported.find((value) => (value as Dialect | null | undefined)?.id === id);
  if (dialect === undefined) throw new TypeError(`Expected ${url} to export the dialect "${id}"; it does not.`);
  return dialect as Dialect;
}
