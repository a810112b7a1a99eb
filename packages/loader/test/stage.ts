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

export async function openStage(
  options: Omit<RuntimeOptions, 'fetch'> & Omit<LoaderOptions, 'runtime' | 'fetch'> = {},
): Promise<Stage> {
  const backend = new Backend();
  const runtime = await createRuntime({ isolation: 'inline', ...options, fetch: backend.fetch });
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
