import { Allocator, GuestMemory, type PluginDialect, spanCalls, unpackSpan } from '@lockgate/abi';

/** A dialect that nothing else knows of: a plugin's tools are one text, and a call is its tool's name and a text. */
export const thirdDialect: PluginDialect = {
  ...{ id: 'third', title: 'third kind of plugin', role: 'plugin', guide: 'docs/third.md', url: import.meta.url },
  exports: [
    { names: ['list'], signature: '() -> i64' },
    { names: ['run'], signature: '(i64) -> i64' },
  ],
  imports: [{ module: 'third', name: 'say', signature: '(i64) -> ()', capability: 'log' }],
  memoryCeilingBytes: 1024 * 1024,
  codec: {
    tools: {
      exportName: 'list',
      encode: () => undefined,
      decode: (list: string) =>
        list.split(' ').map((name) => ({ name, description: '', parameters: {}, required: [] })),
    },
    execute: {
      exportName: 'run',
      encode: ({ tool, args }) => `${tool} ${args.message}`,
      decode: (data: string) => ({ data, isError: false }),
    },
  },
  connect({ host, ...setup }) {
    let memory: GuestMemory | undefined;
    return {
      imports: { third: { say: (line: bigint) => host.log.write('info', memory?.readText(unpackSpan(line)) ?? '') } },
      bind(exports) {
        memory = new GuestMemory(exports.memory as WebAssembly.Memory);
        const { take, give } = exports as unknown as Record<'take' | 'give', (value: number) => number>;
        const allocator = new Allocator({ name: 'take', allocate: take, free: give });
        return { memory, allocator, call: spanCalls({ memory, allocator, ...setup }, exports, setup) };
      },
    };
  },
};
