import assert from 'node:assert/strict';
import type { ModuleAbility, ModuleSubject } from '../subjects.ts';

/** One operation and what it must come to on a module that is closed. */
export interface AfterClose {
  readonly title: string;
  readonly wanted: readonly ModuleAbility[];
  /** It cannot be answered without the guest, so that it has to wait for its turn on an open module. */
  readonly entersGuest?: boolean;
  /** Begins the operation now; the promise it gives fails unless the answer is right. */
  begin(subject: ModuleSubject): Promise<void>;
}

/** The table of ABI.md §1, "After close". */
export const AFTER_CLOSE: readonly AfterClose[] = [
  {
    title: 'execute resolves to an error result, "wasm: module closed"',
    wanted: ['afterClose'],
    entersGuest: true,
    begin: async (subject) => {
      const { data, isError } = await subject.execute('echo', { message: 'late' });
      assert.deepEqual({ data, isError }, { data: 'wasm: module closed', isError: true });
    },
  },
  {
    title: 'configure rejects with ModuleClosedError',
    wanted: ['afterClose', 'configure'],
    entersGuest: true,
    begin: (subject) => assert.rejects(() => ask(subject.configure?.({})), { name: 'ModuleClosedError' }),
  },
  {
    title: 'name answers "unknown" where no other was set',
    wanted: ['afterClose', 'questions'],
    begin: async (subject) => assert.equal(await ask(subject.name?.()), 'unknown'),
  },
  {
    title: 'tools answers null',
    wanted: ['afterClose', 'questions'],
    begin: async (subject) => assert.equal(await ask(subject.tools?.()), null),
  },
  {
    title: 'metadata answers null',
    wanted: ['afterClose', 'questions'],
    begin: async (subject) => assert.equal(await ask(subject.metadata?.()), null),
  },
  {
    title: 'healthy answers false',
    wanted: ['afterClose', 'questions'],
    begin: async (subject) => assert.equal(await ask(subject.healthy?.()), false),
  },
];

async function ask<T>(answer: Promise<T> | undefined): Promise<T> {
  assert.ok(answer, 'the subject lacks a method that its manifest does not exclude');
  return answer;
}
