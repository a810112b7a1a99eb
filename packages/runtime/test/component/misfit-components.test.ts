import { ComponentBuilder, componentGuest } from '@lockgate/testkit';
import { describe, expect, test } from 'vitest';
import { createRuntime } from '../../src/index.ts';
import { openPlugin } from '../open-plugin.ts';
import { coreModule } from './core-module.ts';

describe('a component that does not fit together is not served', () => {
  const refusalOf = async (component: ComponentBuilder): Promise<string> => {
    const type = component.functionType({ params: {} });
    const core = component.coreInstance(
      component.coreModule(coreModule({ functions: [{ name: 'run', params: [], results: [], code: [] }] })),
    );
    component.export('run', 'func', component.lift(component.coreAlias('function', core, 'run'), type));
    const opening = openPlugin(component.build(), { isolation: 'inline' });
    const error = await opening.then(
      (opened) => opened[Symbol.asyncDispose]().then(() => new Error('it was served')),
      (thrown: Error) => thrown,
    );
    return error.message;
  };

  test.each<readonly [string, (component: ComponentBuilder) => void, RegExp]>([
    [
      'that imports what is not of WASI',
      (c) => void c.importInstance('acme:a/b', { f: { params: {} } }),
      /a host supplies WASI 0.2 only/,
    ],
    [
      'that imports an interface that WASI has not',
      (c) => void c.importInstance('wasi:cli/shell@0.2.0', { f: { params: {} } }),
      /not among the interfaces/,
    ],
    [
      'that imports a function that an interface has not',
      (c) => void c.importInstance('wasi:cli/exit@0.2.0', { leave: { params: {} } }),
      /not among the functions of wasi:cli\/exit/,
    ],
    [
      'that imports a function with another type',
      (c) => void c.importInstance('wasi:cli/exit@0.2.0', { exit: { params: { status: 'string' } } }),
      /must be \(result\), found \(string\)/,
    ],
    [
      'that takes one resource for another',
      (c) =>
        void c.importInstance('wasi:http/types@0.2.0', {
          body: null,
          '[method]fields.clone': { params: { self: { borrow: 0 } }, result: { own: 0 } },
        }),
      /must be \(borrow<fields>\) -> fields, found \(borrow<body>\) -> body/,
    ],
    [
      'that imports a function without an interface',
      (c) => void c.importFunction('f', c.functionType({ params: {} })),
      /the interfaces of WASI 0.2 only/,
    ],
    [
      'whose core module lacks an import',
      (c) =>
        void c.coreInstance(
          c.coreModule(coreModule({ imports: [{ name: 'f', params: [], results: [] }], functions: [] })),
        ),
      /imports from "host", which it is not given/,
    ],
    [
      'whose core instance lacks an export',
      (c) => void c.coreAlias('function', c.coreInstance(c.coreModule(coreModule({ functions: [] }))), 'none'),
      /exports no "none"/,
    ],
    [
      'that makes two instances of a module with memory',
      (c) => {
        const module = c.coreModule(coreModule({ functions: [] }));
        c.coreInstance(module);
        c.coreInstance(module);
      },
      /two instances of a core module that has memory/,
    ],
    [
      'that takes a memory for a function',
      (c) => {
        const core = c.coreInstance(c.coreModule(coreModule({ functions: [] })));
        c.lift(c.coreAlias('function', core, 'memory'), c.functionType({ params: {} }));
      },
      /is something else/,
    ],
    [
      'that makes instances without end',
      (c) => {
        let inner = new ComponentBuilder().build();
        for (let level = 0; level < 16; level++) {
          const outer = new ComponentBuilder();
          const twice = outer.component(inner);
          outer.instance(twice);
          outer.instance(twice);
          inner = outer.build();
        }
        c.instance(c.component(inner));
      },
      /more than 10000 instances/,
    ],
  ])('%s', async (_what, build, reason) => {
    const component = new ComponentBuilder();
    build(component);
    expect(await refusalOf(component)).toMatch(reason);
  });

  test('as a guard', async () => {
    await using runtime = await createRuntime({ isolation: 'inline' });
    const guard = runtime.loadGuard(componentGuest(), { name: 'g', callBackend: async () => new Uint8Array(0) });
    await expect(guard).rejects.toMatchObject({
      code: 'RUNTIME_LINK',
      message: expect.stringContaining('no guard is one'),
    });
  });
});
