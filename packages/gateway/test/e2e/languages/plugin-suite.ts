import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { createRuntime } from '@lockgate/runtime';
import { describe, expect, test } from 'vitest';
import { newGuest } from './new-guest.ts';

export interface LanguageOfPlugin {
  readonly language: string;
  /** Said after the language. @default nothing */
  readonly variant?: string;
  /** Why it cannot be built here. */
  readonly missing: string | undefined;
  /** Where the build puts the module. */
  readonly module: string;
  /** Puts a panic with the message "the tank is empty" in front of the greeting. */
  readonly panic: { readonly file: string; readonly before: string; readonly statement: string };
  /** What else of a panic its caller is told. */
  readonly told?: RegExp;
  /** Shell lines before every command. */
  readonly prelude?: string;
  /** The build, where it is not the README's. */
  readonly build?: readonly string[];
}

const HELLO = new URL('../../../../../examples/plugins/dist/hello.wasm', import.meta.url);

/** What holds of `lockgate new plugin` in every language: it builds by its README, answers, gives memory back, and says why it panics. */
export function pluginSuite(subject: LanguageOfPlugin): void {
  const { language, variant = '', missing, module, panic, told = /./, prelude = '' } = subject;
  if (missing !== undefined) console.log(`skipped: a plugin in ${language}${variant} (${missing})`);

  describe.skipIf(missing !== undefined)(`a new plugin in ${language}${variant}`, { timeout: 240_000 }, () => {
    const guest = missing === undefined ? newGuest(['plugin', '--language', language, 'weather'], prelude) : undefined;
    const build = (): string => guest?.run(...(subject.build ?? guest.buildCommands)) ?? '';
    const wasm = join(guest?.folder ?? '', module);

    test('builds, is usable and answers its first call by the commands of its README', () => {
      build();
      const commands = guest?.lockgateCommands.map((command) =>
        command.replace(/^lockgate inspect .*/, `lockgate inspect ${module}`),
      );
      const said = guest?.run(...(commands ?? []));
      expect(said).toContain(`${module}: plugin, usable`);
      expect(said).toContain('Hello, World!');
    });

    test('says the same of itself as the plugin of the guide, and takes settings, arguments and errors as it does', async () => {
      await using runtime = await createRuntime();
      const lines: string[] = [];
      const onGuestLog = (_level: string, line: string): unknown => lines.push(line);
      const plugin = await runtime.loadPlugin(wasm, { onGuestLog });
      const hello = await runtime.loadPlugin(HELLO);
      const { name, version, plainTextKeys, optionalKeys } = (await plugin.metadata()) ?? {};
      expect({ name, version, plainTextKeys, optionalKeys }).toEqual({
        name: 'weather',
        version: '0.1.0',
        plainTextKeys: ['greeting'],
        optionalKeys: ['greeting'],
      });
      const schemas = async (of: typeof plugin): Promise<unknown> =>
        (await of.tools())?.map(({ name, description, inputSchema, annotations }) => ({
          ...{ name, description, inputSchema, annotations },
        }));
      expect(await schemas(plugin)).toEqual(await schemas(hello));
      const who = 'Ø 世界 🌍 "quoted" \\ \n\t\u0001';
      await expect(plugin.execute('greet', { who })).resolves.toEqual({ data: `Hello, ${who}!`, isError: false });
      expect(lines).toEqual(['greeting somebody']);
      await plugin.configure({ greeting: 'Olá' });
      await expect(plugin.execute('greet', { who: 'you' })).resolves.toMatchObject({ data: 'Olá, you!' });
      await expect(plugin.configure({ greeting: 'x'.repeat(99) })).rejects.toThrow(/"greeting" has more than 40/);
      await expect(plugin.execute('greet', { who: 'you' })).resolves.toMatchObject({ data: 'Olá, you!' });
      for (const args of [{}, { who: '' }, { who: null }, { whom: { who: 'x' } }]) {
        const refused = { data: 'greet: the argument "who" is required', isError: true };
        await expect(plugin.execute('greet', args)).resolves.toEqual(refused);
      }
      await expect(plugin.execute('grate', {})).resolves.toMatchObject({ isError: true });
      // Half a surrogate pair is JSON to some readers and not to others, and no character to any of them.
      for (const half of ['\ud800', '\udc00', 'a\ud800\u0001b', '\ud800\ud800', '\ud800\ud83d\ude00', '\ud800"n']) {
        const { data } = await plugin.execute('greet', { who: half });
        const told = [half, half.toWellFormed()].map((who) => `Olá, ${who}!`);
        if (!/cannot be read as JSON/.test(data)) expect(told).toContain(data);
      }
    });

    test('gives back what it was given, call after call', async () => {
      await using runtime = await createRuntime({ isolation: 'inline' });
      const plugin = await runtime.loadPlugin(wasm);
      const calls = async (count: number): Promise<void> => {
        for (let n = 0; n < count; n++) {
          const who = 'x'.repeat((n * 7919) % 20_000);
          const { data } = await plugin.execute('greet', { who });
          if (who !== '' && data !== `Hello, ${who}!`) throw new Error(`call ${n} answered ${data.slice(0, 100)}`);
        }
      };
      await calls(300);
      const before = await plugin.stats();
      await calls(1_000);
      const after = await plugin.stats();
      expect(after).toMatchObject({ leakedBytes: 0, traps: 0 });
      // A collector may keep a little more than it had; what was lost would be 20 MB.
      expect(after.memoryBytes).toBeLessThan(before.memoryBytes * 1.5);
    });

    test('tells its caller what it panics of, and answers the next call', async () => {
      const { file, before, statement } = panic;
      const text = guest?.read(file) ?? '';
      expect(text.split(before)).toHaveLength(2);
      writeFileSync(join(guest?.folder ?? '', file), text.replace(before, `${statement}\n${before}`));
      build();
      await using runtime = await createRuntime();
      const plugin = await runtime.loadPlugin(wasm);
      const trapped = plugin.execute('greet', { who: 'World' });
      await expect(trapped).rejects.toMatchObject({ code: 'RUNTIME_GUEST_TRAP' });
      await expect(trapped).rejects.toThrow(/before that it wrote ".*the tank is empty/);
      await expect(trapped).rejects.toThrow(told);
      await expect(plugin.execute('greet', {})).resolves.toMatchObject({ isError: true });
    });
  });
}
