import { describe, expect, test } from 'vitest';
import { elicitationParams, requireElicitation } from '../../../src/dialects/hyper-mcp/questions.ts';

const place = { exportName: 'create_elicitation', field: '' };
const options = [{ const: '#f00', title: 'Red' }];
const form = (properties: unknown, more: object = {}): Record<string, unknown> => ({
  message: 'Who?',
  requestedSchema: { type: 'object', properties, ...more },
});
const ask = (asked: Record<string, unknown>): void => requireElicitation(elicitationParams(asked), place);

describe('a question of a plug-in for hyper-mcp', () => {
  test.each<[string, Record<string, unknown>]>([
    ['nothing but yes or no', form({})],
    [
      'texts',
      form({ a: { type: 'string', title: 'A', minLength: 1, maxLength: 9, format: 'date_time', default: 'x' } }),
    ],
    ['numbers', form({ a: { type: 'number', minimum: 0.5 }, b: { type: 'integer', maximum: 9, default: 1 } })],
    ['a truth value', form({ a: { type: 'boolean', default: false } }, { required: ['a'] })],
    ['one of several', form({ a: { type: 'string', enum: ['x', 'y'], enumNames: ['X', 'Y'] } })],
    ['one of several with titles', form({ a: { type: 'string', oneOf: options, default: '#f00' } })],
    [
      'some of several',
      form({ a: { type: 'array', items: { type: 'string', enum: ['x'] }, minItems: 1, default: [] } }),
    ],
    ['some of several with titles', form({ a: { type: 'array', items: { anyOf: options }, maxItems: 2 } })],
    ['what Rust writes as null', form({ a: { type: 'string', format: null, title: null } }, { required: null })],
    ['a key that MCP does not know', form({ a: { type: 'string', pattern: '^a' } })],
    ['an address', { mode: 'url', message: 'Log in', url: 'https://example.com', elicitationId: '1' }],
  ])('may be for %s', (_, asked) => {
    expect(() => ask(asked)).not.toThrow();
  });

  test.each<[string, Record<string, unknown>, string]>([
    ['no words', { requestedSchema: {} }, 'at message must be a string, found nothing'],
    ['another way to ask', { mode: 'voice', message: '' }, 'at mode must be "form" or "url", found a string'],
    ['no schema', { message: '' }, 'at requestedSchema must be an object, found nothing'],
    ['another type', { message: '', requestedSchema: { type: 'array' } }, 'at requestedSchema.type must be "object"'],
    ['no fields', form(undefined), 'at requestedSchema.properties must be an object, found nothing'],
    [
      'an object in it',
      form({ a: { type: 'object', properties: {} } }),
      'at requestedSchema.properties.a.type must be one of string, number, integer, boolean, array, as forms are flat, found a string',
    ],
    ['a field without a type', form({ a: {} }), 'properties.a.type must be one of'],
    ['a type from the prototype', form({ a: { type: 'toString' } }), 'properties.a.type must be one of'],
    ['a list of objects', form({ a: { type: 'array', items: { type: 'object' } } }), 'a.items.type must be "string"'],
    ['a list of any text', form({ a: { type: 'array', items: { type: 'string' } } }), 'a.items.enum must be an array'],
    ['choices that are no texts', form({ a: { type: 'string', enum: ['x', 2] } }), 'a.enum[1] must be a string'],
    ['a choice without a title', form({ a: { type: 'string', oneOf: [{ const: 'x' }] } }), 'oneOf[0].title must be'],
    ['another format', form({ a: { type: 'string', format: 'password' } }), 'a.format must be one of email, uri, date'],
    ['a limit that is a text', form({ a: { type: 'number', minimum: '1' } }), 'a.minimum must be a number'],
    ['another default', form({ a: { type: 'boolean', default: 'no' } }), 'a.default must be a boolean, found a string'],
    ['required that is no list', form({}, { required: true }), 'at requestedSchema.required must be an array'],
    ['an address without an id', { mode: 'url', message: '', url: 'https://a.b' }, 'at elicitationId must be a string'],
  ])('is refused with %s', (_, asked, problem) => {
    expect(() => ask(asked)).toThrow(problem);
  });
});
