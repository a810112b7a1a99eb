import { spawnSync } from 'node:child_process';
import { describe, expect, test } from 'vitest';
import { runLockgate } from './run-lockgate.ts';

const has = (shell: string): boolean => spawnSync(shell, ['--version']).status === 0;

describe('completion', () => {
  test.skipIf(!has('bash'))('bash offers commands, their commands, and their flags', async () => {
    const { stdout } = await runLockgate(['completion', 'bash']);
    const offered = (...words: string[]): string[] => {
      const line = `COMP_WORDS=(lockgate ${words.map((word) => `'${word}'`).join(' ')}); COMP_CWORD=${words.length}; _lockgate; printf '%s\\n' "\${COMPREPLY[@]}"`;
      const run = spawnSync('bash', ['--norc', '-c', `${stdout}\n${line}`], { encoding: 'utf8' });
      expect(run.stderr).toBe('');
      return run.stdout.trim().split('\n');
    };
    expect(offered('ser')).toEqual(['serve']);
    expect(offered('config', 'ex')).toEqual(['explain']);
    expect(offered('serve', '--wasm-c')).toEqual(['--wasm-cache-dir']);
    expect(offered('serve', '--config', 'x.json', '--port')).toEqual(['--port-fallback']);
    expect(offered('cache', '')).toEqual(expect.arrayContaining(['stats', 'clear', 'warm']));
  });

  test.each(['zsh', 'fish'])('%s gets every command with its help', async (shell) => {
    const { stdout } = await runLockgate(['completion', shell]);
    for (const word of ['serve', 'inspect', 'call', 'explain', 'warm', 'port-fallback']) expect(stdout).toContain(word);
    if (has(shell)) expect(spawnSync(shell, ['-n'], { input: stdout }).status).toBe(0);
  });

  test('names the shells it knows', async () => {
    const { code, stderr } = await runLockgate(['completion', 'tcsh']);
    expect(code).toBe(2);
    expect(stderr).toContain('bash, zsh, fish');
  });
});
