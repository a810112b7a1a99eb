import { expect, test } from 'vitest';
import { AnswerTemplate } from '../../load/answer-template.ts';

const answer = (id: number, echoed = id, rest = ' and so on'): Buffer =>
  Buffer.from(
    JSON.stringify({ jsonrpc: '2.0', id, result: { content: [{ type: 'text', text: `m${echoed}${rest}` }] } }),
  );

test('an answer fits with its own number in all places, and with nothing else changed', () => {
  const template = new AnswerTemplate(answer(1_000_000), 1_000_000);
  expect(template.fits(answer(1_000_017), 1_000_017)).toBe(true);
  expect(template.fits(answer(1_000_018), 1_000_017)).toBe(false);
  expect(template.fits(answer(1_000_017, 1_000_018), 1_000_017)).toBe(false);
  expect(template.fits(answer(1_000_018, 1_000_017), 1_000_017)).toBe(false);
  expect(template.fits(answer(1_000_017, 1_000_017, ' and so oN'), 1_000_017)).toBe(false);
  expect(template.fits(answer(1_000_017, 1_000_017, ' and so on.'), 1_000_017)).toBe(false);
});

test('a first answer that is a failure, another call’s, or does not echo the number is refused', () => {
  const refused = (value: object) =>
    expect(() => new AnswerTemplate(Buffer.from(JSON.stringify(value)), 1_000_000)).toThrow('not the answer to call');
  const content = [{ type: 'text', text: 'm1000000' }];
  refused({ id: 1_000_000, error: { code: 1, message: '1000000' } });
  refused({ id: 1_000_000, result: { isError: true, content } });
  refused({ id: 7, result: { content: [...content, ...content] } });
  refused({ id: 1_000_000, result: { content: [] } });
});

test('the template outlives the buffer of the first answer', () => {
  const first = answer(1_000_000);
  const template = new AnswerTemplate(first, 1_000_000);
  first.fill(0);
  expect(template.fits(answer(1_000_001), 1_000_001)).toBe(true);
});
