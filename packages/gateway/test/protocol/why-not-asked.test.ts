import { expect, test } from 'vitest';
import { ObjectText } from '../../src/protocol/frame/object-text.ts';
import { whyNotAsked } from '../../src/protocol/why-not-asked.ts';

const METHOD = -32_601;
const PARAMS = -32_602;

test.each([
  ['roots/list', undefined, {}, METHOD],
  ['roots/list', undefined, { roots: {} }, undefined],
  ['sampling/createMessage', undefined, { roots: {} }, METHOD],
  ['sampling/createMessage', undefined, { sampling: {} }, undefined],
  ['elicitation/create', undefined, { sampling: {} }, METHOD],
  ['elicitation/create', undefined, { elicitation: {} }, undefined],
  ['elicitation/create', 'form', { elicitation: {} }, undefined],
  ['elicitation/create', 'url', { elicitation: {} }, PARAMS],
  ['elicitation/create', 'url', { elicitation: { url: {} } }, undefined],
  ['elicitation/create', undefined, { elicitation: { url: {} } }, PARAMS],
  ['elicitation/create', undefined, { elicitation: { url: {}, form: {} } }, undefined],
  ['tools/call', undefined, { tools: {}, sampling: {} }, METHOD],
  ['initialize', undefined, { roots: {} }, METHOD],
  ['constructor', undefined, { roots: {} }, METHOD],
])('%s (%s) of a client that takes %o', (method, mode, capabilities, code) => {
  expect(whyNotAsked(method, mode, ObjectText.from(capabilities))?.code).toBe(code);
});
