import { describe, expect, test } from 'vitest';
import { childArguments, childEnvironment } from '../src/child-arguments.ts';

describe('options for the optimiser', () => {
  test('flags of V8 stay, since code is only good for the flags it was made under', () => {
    const flags = ['--stack-size=2000', '--expose-gc', '--max-old-space-size=512', '--conditions=x', '--no-warnings'];
    expect(childArguments(flags)).toEqual(flags);
  });

  test.each([
    [['--import', './hook.mjs', '--expose-gc']],
    [['--require', 'x', '--expose-gc']],
    [['-r', 'x', '--expose-gc']],
    [['-e', 'code', '--expose-gc']],
    [['--print', 'code', '--expose-gc']],
    [['--import=./hook.mjs', '--expose-gc', '--loader=x']],
    [['--inspect', '--inspect-brk=9229', '--expose-gc']],
    [['--test', '--test-reporter=dot', '--watch', '--expose-gc']],
    [['--cpu-prof', '--heap-prof-dir=x', '--env-file=.env', '--expose-gc']],
  ])('what runs code, waits or writes reports goes: %j', (given) => {
    expect(childArguments(given)).toEqual(['--expose-gc']);
  });

  test('NODE_OPTIONS are freed of the same, and the rest of the environment stays', () => {
    const env = { HOME: '/home/x', NODE_OPTIONS: '--import ./hook.mjs  --stack-size=900' };
    expect(childEnvironment(env)).toEqual({ HOME: '/home/x', NODE_OPTIONS: '--stack-size=900' });
    expect(childEnvironment({ NODE_OPTIONS: '-r x' })).toEqual({});
  });
});
