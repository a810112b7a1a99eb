import { DockerfileParser } from 'dockerfile-ast';
import { validate } from 'dockerfile-utils';
import { expect, test } from 'vitest';
import { read } from './read-file.ts';

const text = read('Containerfile');
const instructions = DockerfileParser.parse(text).getInstructions();
const argumentsOf = (keyword: string): readonly string[] =>
  instructions
    .filter((instruction) => instruction.getKeyword() === keyword)
    .map((instruction) => instruction.getArgumentsContent() ?? '');

test('the container recipe has no mistakes', () => {
  expect(validate(text).map(({ message, range }) => `${range.start.line + 1}: ${message}`)).toEqual([]);
});

test('it builds in two stages, and its program is run by a user without a name, below tini, with a health check', () => {
  expect(argumentsOf('FROM')).toEqual([`\${NODE} AS packages`, `\${NODE}`]);
  expect(argumentsOf('USER')).toEqual(['10001:10001']);
  expect(argumentsOf('ENTRYPOINT')).toEqual([expect.stringMatching(/^\["\/usr\/bin\/tini", "--", "\/opt\/lockgate\//)]);
  expect(argumentsOf('HEALTHCHECK')).toEqual([expect.stringContaining('/health/live')]);
});
