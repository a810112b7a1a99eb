import { describe, expect, test } from 'vitest';
import { inside, parseJson, readObject, readTextMap, readTexts } from '../src/json.ts';

const whole = { exportName: 'tools', field: '' };

describe('reading JSON of a guest', () => {
  test('what is not JSON is refused without quoting it', () => {
    const secret = '{"token": hunter2}';
    expect(() => parseJson(secret, 'metadata')).toThrow(/"metadata" is not JSON \(18 characters\)/);
    try {
      parseJson(secret, 'metadata');
    } catch (error) {
      expect(JSON.stringify([String(error), (error as Error).cause])).not.toContain('hunter2');
    }
  });

  test('more values than a process can hold are refused before they are made', () => {
    const most = '[],'.repeat(12_000_000);
    expect(() => parseJson(`[${most}0]`, 'tools')).toThrow(/"tools" has too many values \(36000003 characters\)/);
    expect(parseJson(`["${most}"]`, 'tools')).toEqual([most]);
  });

  test('places read as paths', () => {
    expect(inside(inside(inside(whole, 2), 'parameters'), 'path').field).toBe('[2].parameters.path');
    expect(inside(inside(whole, 'items'), 0).field).toBe('items[0]');
  });

  test('a value of another kind is refused by place and kind, never by content', () => {
    expect(() => readObject(['secret'], inside(whole, 0))).toThrow('"tools" at [0] must be an object, found an array.');
    expect(() => readTexts(['a', 7], inside(whole, 'required'))).toThrow(
      'at required[1] must be a string, found a number.',
    );
    expect(() => readTextMap({ a: null }, inside(whole, 'parameters'))).toThrow(
      'at parameters.a must be a string, found null.',
    );
    expect(() => readTexts('a', whole)).toThrow('must be an array, found a string.');
  });

  test("absent lists and maps are empty, and so is Go's null", () => {
    expect([readTexts(undefined, whole), readTexts(null, whole)]).toEqual([[], []]);
    expect([readTextMap(undefined, whole), readTextMap(null, whole)]).toEqual([{}, {}]);
  });
});
