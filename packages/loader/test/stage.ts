import {
  createRuntime,
  type Isolation,
  type PluginOptions,
  type Runtime,
  type RuntimeOptions,
} from '@lockgate/runtime';
import { Backend } from '@lockgate/testkit';
import { createLoader, type Loader, type LoaderOptions } from '../src/index.ts';

/** A loader on the real runtime, with a back end whose answers a test can hold. */
export interface Stage extends AsyncDisposable {
  readonly loader: Loader;
  readonly runtime: Runtime;
  readonly backend: Backend;
}

/** Lets the testkit's guests reach the back end. */
export const REACH: PluginOptions = { http: { allow: ['backend.test'] } };

export const isolations: readonly Isolation[] = ['inline', 'worker'];

/** The built runtime: from source, where Node strips the types again for each of them, workers start four times as slowly. */
const built: { createRuntime: typeof createRuntime } = await import(
  new URL('../../runtime/dist/index.js', import.meta.url).href
);

/** The real runtime; for workers, the built one. */
export function openRuntime(options: RuntimeOptions & { readonly isolation: Isolation }): Promise<Runtime> {
  return (options.isolation === 'worker' ? built : { createRuntime }).createRuntime(options);
}

export async function openStage({
  isolation = 'inline',
  ...options
}: Omit<RuntimeOptions, 'fetch'> & Omit<LoaderOptions, 'runtime' | 'fetch'> = {}): Promise<Stage> {
  const backend = new Backend();
  const runtime = await openRuntime({ ...options, isolation, fetch: backend.fetch });
  const loader = createLoader({ runtime, ...options });
  return {
    loader,
    runtime,
    backend,
    async [Symbol.asyncDispose]() {
      backend.release();
      await loader.close();
      await runtime.close();
    },
  };
}
