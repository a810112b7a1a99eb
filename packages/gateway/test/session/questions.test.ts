import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest';
import { Cancellation } from '../../src/protocol/cancellation.ts';
import { readFrame } from '../../src/protocol/frame/frame.ts';
import { ObjectText } from '../../src/protocol/frame/object-text.ts';
import type { Message } from '../../src/protocol/message.ts';
import { Questions } from '../../src/session/questions.ts';

beforeEach(() => {
  vi.useFakeTimers();
});

afterEach(() => {
  vi.useRealTimers();
});

const question: Message = { method: 'elicitation/create', params: ObjectText.read(Buffer.from('{"n":1.0}')) };

function asking() {
  const questions = new Questions();
  const sent: string[] = [];
  const ask = (cancellation = new Cancellation()) =>
    questions.ask(question, cancellation, (frame) => sent.push(Buffer.concat(frame).toString()));
  const answer = (text: string): boolean => {
    const frame = readFrame(Buffer.from(text));
    if (frame.kind !== 'result' && frame.kind !== 'error') throw new Error('expected an answer');
    return questions.answered(frame);
  };
  const idAt = (index: number): string => JSON.stringify(JSON.parse(sent[index] ?? '{}').id);
  return { questions, sent, ask, answer, idAt };
}

describe('a question', () => {
  test('is sent with the bytes of its parameters, and answered with those of the answer', async () => {
    const { sent, ask, answer, idAt } = asking();
    const asked = ask();
    expect(sent).toEqual([`{"jsonrpc":"2.0","id":${idAt(0)},"method":"elicitation/create","params":{"n":1.0}}`]);
    expect(answer(`{"jsonrpc":"2.0","id":${idAt(0)},"result":{"n": 2.0}}`)).toBe(true);
    expect(String((await asked).toBytes())).toBe('{"n": 2.0}');
  });

  test('is answered under its own id and no other, once', async () => {
    const { ask, answer, idAt } = asking();
    const [first, second] = [ask(), ask()];
    expect(idAt(0)).not.toBe(idAt(1));
    for (const id of ['1', 'null', '"lockgate-9"', '"x"', '2.0']) {
      const result = id === 'null' ? '"error":{"code":1,"message":""}' : '"result":{}';
      expect(answer(`{"jsonrpc":"2.0","id":${id},${result}}`)).toBe(false);
    }
    expect(answer(`{"jsonrpc":"2.0","id":${idAt(1)},"result":{"n":2}}`)).toBe(true);
    expect(answer(`{"jsonrpc":"2.0","id":${idAt(0)},"result":{"n":1}}`)).toBe(true);
    expect((await first).toValue()).toEqual({ n: 1 });
    expect((await second).toValue()).toEqual({ n: 2 });
    expect(answer(`{"jsonrpc":"2.0","id":${idAt(0)},"result":{"n":1}}`)).toBe(false);
  });

  test('that the client refuses is refused in its own words', async () => {
    const { ask, answer, idAt } = asking();
    const asked = ask().catch((error: unknown) => error);
    answer(`{"jsonrpc":"2.0","id":${idAt(0)},"error":{"code":-32042,"message":"no","data":{"n":1.0}}}`);
    const error = await asked;
    expect(error).toMatchObject({ code: -32_042, message: 'no' });
    expect(String((error as { text: ObjectText }).text.toBytes())).toContain('"data":{"n":1.0}');
  });

  test('that is wanted no longer is taken back at the client', async () => {
    const { sent, ask, answer, idAt } = asking();
    const cancellation = new Cancellation();
    const asked = ask(cancellation);
    cancellation.cancel(new Error('never mind'));
    await expect(asked).rejects.toThrow('never mind');
    expect(sent[1]).toBe(`{"jsonrpc":"2.0","method":"notifications/cancelled","params":{"requestId":${idAt(0)}}}`);
    expect(answer(`{"jsonrpc":"2.0","id":${idAt(0)},"result":{}}`)).toBe(false);
  });

  test('that was never wanted is not asked', async () => {
    const { sent, ask } = asking();
    const cancellation = new Cancellation();
    cancellation.cancel(new Error('too late'));
    await expect(ask(cancellation)).rejects.toThrow('too late');
    expect(sent).toEqual([]);
  });

  test('waits ten minutes for a person, and leaves no timer behind', async () => {
    const { sent, ask, answer, idAt } = asking();
    const asked = ask();
    const late = expect(asked).rejects.toThrow('did not answer in time');
    vi.advanceTimersByTime(10 * 60_000);
    await late;
    expect(sent).toHaveLength(2);
    const again = ask();
    answer(`{"jsonrpc":"2.0","id":${idAt(2)},"result":{}}`);
    await again;
    expect(vi.getTimerCount()).toBe(0);
  });
});

test('questions that belong to no request leave room for those that do', async () => {
  const { questions, ask, answer, idAt, sent } = asking();
  const stray = () => questions.ask(question, new Cancellation(), () => {}, true);
  const asked = Array.from({ length: 32 }, () => stray().catch((error: Error) => error.message));
  await expect(stray()).rejects.toThrow('32 questions');
  const wanted = ask();
  expect(sent).toHaveLength(1);
  answer(`{"jsonrpc":"2.0","id":${idAt(0)},"result":{}}`);
  await wanted;
  questions.closeAll();
  await Promise.all(asked);
  stray().catch(() => {});
});

test('questions that belong to no request take so many bytes together, of which one alone may take more', async () => {
  const { questions } = asking();
  const stray = (mebibytes: number) => {
    const params = ObjectText.from({ text: 'x'.repeat(mebibytes * 1_048_576) });
    return questions.ask({ ...question, params }, new Cancellation(), () => {}, true).catch(({ message }) => message);
  };
  const [large, more] = [stray(20), stray(1)];
  expect(await more).toBe('The client has 16 MiB of questions to answer already that belong to no request.');
  questions.closeAll();
  expect(await large).toBe('The client has gone.');
  const asked = [stray(8), stray(7)];
  expect(await stray(2)).toContain('16 MiB');
  questions.closeAll();
  await Promise.all(asked);
});

test('a client has at most a hundred questions at once, and none once it has gone', async () => {
  const { questions, ask } = asking();
  const asked = Array.from({ length: 100 }, () => ask().catch((error: Error) => error.message));
  await expect(ask()).rejects.toThrow('100 questions');
  questions.closeAll();
  expect(new Set(await Promise.all(asked))).toEqual(new Set(['The client has gone.']));
  ask().catch(() => {});
});
