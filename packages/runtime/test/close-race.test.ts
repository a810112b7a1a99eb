import { leakCheck, moduleCloseRaceSuite } from '@lockgate/testkit';
import { test } from 'vitest';
import type { Isolation } from '../src/index.ts';
import { subject } from './subject.ts';

// The check runs its body twice: 200 rounds in all.
const ROUNDS = 100;

test.each<Isolation>(['inline', 'worker'])(
  'close of a plugin %s against 64 callers in flight, 200 rounds: each call has its answer, and nothing is left behind',
  async (isolation) => {
    const bodies: (() => Promise<void>)[] = [];
    const collect = Object.assign((_title: string, body: () => Promise<void>) => bodies.push(body), { skip: () => 0 });
    const options = { create: subject(isolation), rounds: ROUNDS, callers: 64 };
    moduleCloseRaceSuite({ describe: (_title, declare) => declare(), it: collect }, options);
    await leakCheck(async () => {
      for (const body of bodies) await body();
    });
  },
);
