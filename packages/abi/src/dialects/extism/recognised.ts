import type { AskedImport, ExportReport, ModuleOutline } from '../../dialect.ts';
import { KERNEL_MODULE } from './functions.ts';

const CALLABLE: ReadonlySet<string | undefined> = new Set(['() -> ()', '() -> i32']);

/** Whether a module is a guest of Extism, of today's or of one before 1.0: no other host supplies what it imports. Source: EXTISM.md §3. */
export function importsKernel({ imports }: ModuleOutline): boolean {
  return imports.some((asked) => asked.module === KERNEL_MODULE || isOld(asked));
}

function isOld({ module, name }: AskedImport): boolean {
  return module === 'env' && name.startsWith('extism_');
}

/** Whether Extism could call this export. */
export function isCallable({ kind, signature }: ExportReport): boolean {
  return kind === 'function' && CALLABLE.has(signature);
}

/** What an import is that only other hosts, or none, have. */
export function explainImport(asked: AskedImport): string | undefined {
  const { module, name } = asked;
  if (module === 'env' && name === 'abort')
    return "it is AssemblyScript's own: build with --use abort=assembly/index/myAbort, where myAbort sets the error of the PDK";
  return isOld(asked) ? 'it is of a PDK from before Extism 1.0: build with a newer one' : undefined;
}
