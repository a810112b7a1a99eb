import { expect, test } from 'vitest';
import { templateMatches } from '../../src/catalog/uri-template.ts';

test.each([
  ['test://{id}/data', 'test://1/data', true],
  ['test://{id}/data', 'test://1/2/data', false],
  ['file:///{+path}', 'file:///a/b/c', true],
  ['file:///{path*}', 'file:///a/b/c', true],
  ['x://a.b', 'x://aXb', false],
  ['x://a(b)[c]?d', 'x://a(b)[c]?d', true],
  ['x://search{?q,lang}', 'x://search?q=1&lang=a/b', true],
  ['x://{a}-{b}', 'x://1-2', true],
  ['x://{unclosed', 'x://1', false],
])('%s and %s: %s', (template, uri, matches) => {
  expect(templateMatches(template, uri)).toBe(matches);
});

test('the time it takes grows with the length of the address, whatever a stranger writes', () => {
  const template = `x://${'{a}@'.repeat(40)}z`;
  // With one search for each way to cut it, this would not end before the sun does.
  expect(templateMatches(template, `x://${'@'.repeat(16_000)}`)).toBe(false);
  expect(templateMatches(template, `x://${'@'.repeat(15_000)}z`)).toBe(true);
  expect(templateMatches('x://{a}', `x://${'@'.repeat(100_000)}`)).toBe(false);
  expect(templateMatches(`x://${'{a}'.repeat(100_000)}`, 'x://a')).toBe(false);
});
