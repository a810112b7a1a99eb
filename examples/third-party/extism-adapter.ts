import createPlugin, { type Plugin } from '@extism/extism';
import type { CreateModuleOptions, ModuleAbility, ModuleSubject } from '@lockgate/testkit';
import { extismGuest } from './extism-guest.ts';

const PLUGIN_ERROR = 'Plugin-originated error: ';

/** What Extism does not claim to have; the rest has to pass. */
export const extismSupports: Readonly<Partial<Record<ModuleAbility, boolean | string>>> = {
  responses: 'the guest has no tool that tells its responses',
  signal: false,
  onStart: false,
  questions: false,
  configure: false,
  afterClose: false,
  turnsAway: false,
  dispose: false,
  liveBlocks: false,
  leaks: false,
  pool: false,
};

/** Creates an Extism plugin for the testkit's module suites. All guests they ask for are one guest here. */
export function createExtism(runInWorker: boolean): (options: CreateModuleOptions) => Promise<ModuleSubject> {
  return async ({ fetch, onGuestLog }) => {
    const speak = (level: string) => (line: string) => onGuestLog(level, line);
    const logger = { info: speak('info'), debug: speak('debug'), warn: speak('warn'), error: speak('error') };
    const plugin = await createPlugin(
      { wasm: [{ data: extismGuest() }] },
      { runInWorker, fetch, allowedHosts: ['backend.test'], logger: logger as unknown as Console },
    );
    return new ExtismSubject(plugin);
  };
}

class ExtismSubject implements ModuleSubject {
  readonly #plugin: Plugin;

  constructor(plugin: Plugin) {
    this.#plugin = plugin;
  }

  async execute(tool: string, args: Readonly<Record<string, unknown>>) {
    try {
      const output = await this.#plugin.call(tool, String(args.message ?? ''));
      return { data: output?.text() ?? '', isError: false };
    } catch (error) {
      const message = error instanceof Error ? error.message : '';
      if (!message.startsWith(PLUGIN_ERROR)) throw error;
      return { data: message.slice(PLUGIN_ERROR.length), isError: true };
    }
  }

  close(): Promise<void> {
    return this.#plugin.close();
  }
}
