import { ComponentBuilder } from '@lockgate/testkit';
import { expect, test } from 'vitest';
import { openPlugin } from '../open-plugin.ts';
import { coreModule, i32Const } from './core-module.ts';

const POLL = 'wasi:io/poll@0.2.0';
const CLOCK = 'wasi:clocks/monotonic-clock@0.2.0';
const CLOCK_FUNCTION = { params: { when: 'u64' }, result: { own: 1 } } as const;

/** Takes what somebody else made and gives it back: a third of which it has the type from outside, as the other one has. */
function passingOn(): Uint8Array {
  const component = new ComponentBuilder();
  const pollable = component.alias('type', component.importInstance(POLL, { pollable: null }), 'pollable');
  const code = [0x20, 0];
  const module = coreModule({ functions: [{ name: 'pass', params: ['i32'], results: ['i32'], code }] });
  const pass = component.coreAlias('function', component.coreInstance(component.coreModule(module)), 'pass');
  const type = component.functionType({ params: { it: { own: pollable } }, result: { own: pollable } });
  component.export('pass', 'func', component.lift(pass, type));
  return component.build();
}

/** Makes one, and hands it to a function that it is given. */
function asking(): Uint8Array {
  const component = new ComponentBuilder();
  const pollable = component.alias('type', component.importInstance(POLL, { pollable: null }), 'pollable');
  const clock = component.importInstance(CLOCK, { pollable, 'subscribe-duration': CLOCK_FUNCTION });
  const type = component.functionType({ params: { it: { own: pollable } }, result: { own: pollable } });
  const passed = component.importFunction('pass', type);
  const host = component.coreFunctions({
    make: component.lower(component.alias('func', clock, 'subscribe-duration')),
    pass: component.lower(passed),
    drop: component.handleFunction('drop', pollable),
  });
  const module = coreModule({
    imports: [
      { name: 'make', params: ['i64'], results: ['i32'] },
      { name: 'pass', params: ['i32'], results: ['i32'] },
      { name: 'drop', params: ['i32'], results: [] },
    ],
    functions: [
      {
        name: 'run',
        params: [],
        results: ['i32'],
        code: [0x42, 0, 0x10, 0, 0x10, 1, 0x10, 2, ...i32Const(42)],
      },
    ],
  });
  const run = component.coreAlias('function', component.coreInstance(component.coreModule(module), { host }), 'run');
  component.export('run', 'func', component.lift(run, component.functionType({ params: {}, result: 'u32' })));
  return component.build();
}

test('components in one hand each other what both have from outside', async () => {
  const component = new ComponentBuilder();
  const poll = component.importInstance(POLL, { pollable: null });
  const pollable = component.alias('type', poll, 'pollable');
  const clock = component.importInstance(CLOCK, { pollable, 'subscribe-duration': CLOCK_FUNCTION });
  const outside = { [POLL]: { instance: poll }, [CLOCK]: { instance: clock } };
  const one = component.instance(component.component(passingOn()), outside);
  const pass = component.alias('func', one, 'pass');
  const other = component.instance(component.component(asking()), { ...outside, pass: { func: pass } });
  component.export('run', 'func', component.alias('func', other, 'run'));
  await using opened = await openPlugin(component.build(), { isolation: 'inline' });
  await expect(opened.plugin.execute('run', {})).resolves.toMatchObject({ data: '42', isError: false });
});

test('instances that lead to one another in countless ways are linked', async () => {
  const inner = new ComponentBuilder();
  const module = coreModule({ functions: [{ name: 'run', params: [], results: ['i32'], code: i32Const(42) }] });
  const core = inner.coreAlias('function', inner.coreInstance(inner.coreModule(module)), 'run');
  const run = inner.lift(core, inner.functionType({ params: {}, result: 'u32' }));
  let instance = inner.functions({ run });
  for (let depth = 0; depth < 40; depth++) instance = inner.instances({ one: instance, other: instance });
  inner.export('run', 'func', run);
  inner.export('all', 'instance', instance);
  const outer = new ComponentBuilder();
  const made = outer.instance(outer.component(inner.build()));
  outer.export('run', 'func', outer.alias('func', made, 'run'));
  await using opened = await openPlugin(outer.build());
  await expect(opened.plugin.execute('run', {})).resolves.toMatchObject({ data: '42', isError: false });
});
