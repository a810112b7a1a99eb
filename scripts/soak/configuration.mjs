import { copyFileSync, renameSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';

const root = new URL('../../', import.meta.url).pathname;
const server = new URL('stdio-server.mjs', import.meta.url).pathname;

/** How long a silent session lasts, so that what clients leave behind is gone before the end is looked at. */
const SESSION_IDLE_MS = 20_000;

/** Servers that misbehave may take so long: less than clients wait, so that each has an answer. */
const CALL_TIMEOUT_MS = 20_000;

const GUARD_POLICIES = { 'allow-only': { rules: { calls: [{ tool: 'echo', operation: 'read' }] } } };

/** The configuration file of a soak, and the changes that are made to it while the gateway runs. */
export class Configuration {
  #folder;
  #webUrl;

  constructor(folder, webUrl) {
    this.#folder = folder;
    this.#webUrl = webUrl;
    this.rebuildPlugin(0);
    this.write();
  }

  /** As it is at the start and at the end; with `guest`, one server more. */
  write({ guest = false } = {}) {
    const program = (kind, more = {}) => ({ command: process.execPath, args: [server, kind], ...more });
    this.#replace(
      'lockgate.json',
      JSON.stringify({
        gateway: {
          listen: '127.0.0.1:0',
          logDir: join(this.#folder, 'log'),
          limits: { sessionIdleMs: SESSION_IDLE_MS, requestTimeoutMs: 10_000, headersTimeoutMs: 5_000 },
        },
        plugins: { textkit: { path: join(this.#folder, 'textkit.wasm'), watch: true, instances: { min: 2, max: 2 } } },
        guards: { labels: { path: join(root, 'examples/guards/dist/label-config.wasm') } },
        mcpServers: {
          steady: program('steady'),
          web: { url: this.#webUrl },
          guarded: program('steady', { guard: 'labels', 'guard-policies': GUARD_POLICIES }),
          flooding: program('flooding', { callTimeoutMs: CALL_TIMEOUT_MS }),
          dying: program('dying', { callTimeoutMs: CALL_TIMEOUT_MS }),
          garbled: program('garbled', { callTimeoutMs: CALL_TIMEOUT_MS }),
          absent: { url: 'http://127.0.0.1:9/mcp' },
          mute: { url: `${this.#webUrl}/mute`, callTimeoutMs: 2_000 },
          ...(guest && { guest: program('steady') }),
        },
      }),
    );
  }

  /** What an administrator saves by mistake: it must change nothing. */
  writeBroken() {
    this.#replace('lockgate.json', '{ "gateway": { "listne": "127.0.0.1:0" ');
  }

  /** Puts another build of the watched plugin in place: the same code with one custom section more. */
  rebuildPlugin(count) {
    const path = join(this.#folder, 'textkit.wasm');
    copyFileSync(join(root, 'examples/plugins/dist/textkit.wasm'), `${path}.new`);
    const name = Buffer.from(`build-${count}`);
    const section = Buffer.concat([Buffer.of(0, name.length + 1, name.length), name]);
    writeFileSync(`${path}.new`, section, { flag: 'a' });
    renameSync(`${path}.new`, path);
  }

  #replace(name, content) {
    const path = join(this.#folder, name);
    writeFileSync(`${path}.new`, content);
    renameSync(`${path}.new`, path);
  }
}
