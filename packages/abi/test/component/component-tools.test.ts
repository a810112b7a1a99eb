import { describe, expect, test } from 'vitest';
import type { ExportedFunction } from '../../src/component/component-plan.ts';
import { describeTool, describeTools, toolsOf } from '../../src/component/component-tools.ts';
import type { FunctionType, ValueType } from '../../src/component/value-type.ts';

const text: ValueType = { kind: 'string' };
const handle: ValueType = { kind: 'own', resource: { kind: 'resource', name: 'file' } };
const type = (param: ValueType, result?: ValueType): FunctionType => ({
  kind: 'function',
  params: [{ name: 'x', type: param }],
  ...(result && { result }),
});
const exported = (interfaceName: string | undefined, name: string, of = type(text)): ExportedFunction => ({
  interfaceName,
  name,
  type: of,
});

describe('the tools of a component', () => {
  test('are named as Wassette names them, by interface and function', () => {
    const { tools, refused } = toolsOf({
      exports: [
        exported(undefined, 'get-Time'),
        exported('local:time-server/time', 'get-current-time'),
        exported('lockgate:demo/shapes@0.1.0', 'check'),
        exported('wasi:cli/run@0.2.0', 'run'),
        exported('exports', 'init'),
      ],
    });
    expect(tools.map(({ tool }) => tool)).toEqual([
      'get-time',
      'local_time-server_time_get-current-time',
      'lockgate_demo_shapes_0_1_0_check',
    ]);
    expect(refused).toEqual([]);
  });

  test('are no functions that pass handles, however deep, nor those of a resource, nor two of one name', () => {
    const { tools, refused } = toolsOf({
      exports: [
        exported('a:b/c', '[method]file.read'),
        exported(undefined, 'open', type(text, { kind: 'result', ok: { kind: 'list', element: handle } })),
        exported(undefined, 'close', type({ kind: 'option', inner: handle })),
        exported(undefined, 'a_b_c_d'),
        exported('a:b/c', 'd'),
        exported(undefined, 'n'.repeat(129)),
      ],
    });
    expect(tools.map(({ tool }) => tool)).toEqual(['a_b_c_d']);
    expect(refused.map(({ name, reason }) => `${name.slice(0, 30)}: ${reason}`)).toEqual([
      'a:b/c#[method]file.read: it belongs to a resource, and handles cannot be passed in JSON',
      'open: it takes or gives handles of a resource, which cannot be passed in JSON',
      'close: it takes or gives handles of a resource, which cannot be passed in JSON',
      'a:b/c#d: another function is the tool "a_b_c_d" already',
      `${'n'.repeat(30)}: its name is longer than 128 characters`,
    ]);
  });

  test('are described by the documentation that the component carries, else by their types', () => {
    const [tool] = toolsOf({ exports: [exported(undefined, 'greet', type(text, text))] }).tools;
    if (tool === undefined) throw new Error('no tool');
    const docs = JSON.stringify({ worlds: { w: { func_exports: { greet: { docs: 'Says hello.' } } } } });
    expect(describeTool(tool, docs).description).toBe('Says hello.');
    for (const other of [undefined, '{', '{"worlds":[1]}', '{"worlds":{"w":{}}}']) {
      expect(describeTool(tool, other).description).toBe('Calls the function "greet": (x: string) -> string');
    }
  });

  test('have schemas of what they take and answer; an option may be left out', () => {
    const params = [
      { name: 'x', type: { kind: 'option', inner: { kind: 'u64' } } },
      { name: 'y', type: { kind: 'flags', names: ['r', 'w'] } },
    ] as const;
    const [tool] = toolsOf({
      exports: [
        exported(undefined, 'f', { kind: 'function', params, result: { kind: 'result', err: { kind: 'f32' } } }),
      ],
    }).tools;
    if (tool === undefined) throw new Error('no tool');
    const { inputSchema, outputSchema, required } = describeTool(tool, undefined);
    expect(required).toEqual(['y']);
    expect(inputSchema).toEqual({
      type: 'object',
      required: ['y'],
      properties: {
        x: {
          anyOf: [
            { type: 'null' },
            { type: ['number', 'string'], pattern: '^-?[0-9]+$', description: 'beyond 2^53 as a string' },
          ],
        },
        y: {
          anyOf: [
            { type: 'array', items: { type: 'string', enum: ['r', 'w'] } },
            { type: 'object', properties: { r: { type: 'boolean' }, w: { type: 'boolean' } } },
          ],
        },
      },
    });
    expect(outputSchema).toEqual({
      type: 'object',
      required: ['result'],
      properties: {
        result: {
          oneOf: [
            { type: 'object', properties: { ok: { type: 'null' } }, required: ['ok'] },
            {
              type: 'object',
              required: ['err'],
              properties: { err: { anyOf: [{ type: 'number' }, { enum: ['NaN', 'Infinity', '-Infinity'] }] } },
            },
          ],
        },
      },
    });
  });
});

test('a type that is too long to read is cut, with how much was left out', () => {
  const names = Array.from({ length: 100_000 }, (_, index) => `name-${index}`);
  const long = exported(undefined, 'pick', type({ kind: 'enum', names }));
  const [tool] = toolsOf({ exports: [long] }).tools;
  const { description } = describeTool(tool as never, undefined);
  expect(description.length).toBeLessThan(400);
  expect(description).toMatch(/name-3[^}]*… \([0-9]{7} more characters\)$/);
});

test('tools are not described where names or documentation make that too long', () => {
  const names = Array.from({ length: 100 }, (_, index) => `${'n'.repeat(50)}-${index}`);
  const field = (part: ValueType) => names.map((name) => ({ name, type: part }));
  const small: ValueType = { kind: 'u8' };
  const many = (param: ValueType, result: ValueType = small) =>
    toolsOf({ exports: ['a', 'b', 'c'].map((name) => exported(`x:y/${name}`, 'f', type(param, result))) }).tools;
  const docs = JSON.stringify({ worlds: { w: { func_exports: { f: { docs: 'd'.repeat(5_000) } } } } });
  for (const [tools, said] of [
    [many({ kind: 'enum', names })],
    [many(small, { kind: 'enum', names })],
    [many({ kind: 'list', element: { kind: 'flags', names } })],
    [many({ kind: 'option', inner: { kind: 'record', fields: field(small) } })],
    [many({ kind: 'variant', cases: field(small) })],
    [many({ kind: 'tuple', elements: Array(3).fill({ kind: 'enum', names }) })],
    [many(small), docs],
  ] as const) {
    const whole = describeTools(tools, said, 1_000_000);
    expect(JSON.parse(whole)).toEqual(JSON.parse(JSON.stringify(tools.map((tool) => describeTool(tool, said)))));
    expect(whole.length).toBeGreaterThan(15_000);
    expect(() => describeTools(tools, said, 14_000)).toThrow('more than 14000 bytes pass from guest at once');
    expect(describeTools(tools, said, whole.length)).toBe(whole);
  }
});
