import type { AskedImport, ExportReport, ModuleOutline } from '../../dialect.ts';
import { KERNEL_MODULE } from './functions.ts';

const CALLABLE: ReadonlySet<string | undefined> = new Set(['() -> ()', '() -> i32']);

/** Whether a module is a guest of Extism: no other host supplies what it imports. Source: EXTISM.md §3. */
export function importsKernel({ imports }: ModuleOutline): boolean {
  return imports.some(({ module }) => module === KERNEL_MODULE);
}

/** Whether Extism could call this export. */
export function isCallable({ kind, signature }: ExportReport): boolean {
  return kind === 'function' && CALLABLE.has(signature);
}

/** What an import is that only other hosts, or none, have. */
export function explainImport({ module, name }: AskedImport): string | undefined {
  if (module === 'env' && name === 'abort')
    return "it is AssemblyScript's own: build with --use abort=assembly/index/myAbort, where myAbort sets the error of the PDK";
  if (module === 'env' && name.startsWith('extism_'))
    return 'it is of a PDK from before Extism 1.0: build with a newer one';
  return undefined;
}
