import type { GatewayConfig } from '../config/schema.ts';

/**
 * What the first process of a container should know. It becomes the parent of all that programs leave behind, and Node asks
 * only its own children how they ended, so that each of the others keeps its number for as long as the container runs.
 */
export function pidOneNotes({ mcpServers }: GatewayConfig, pid: number = process.pid): readonly string[] {
  const hasPrograms = Object.values(mcpServers).some(({ type, disabled }) => type === 'stdio' && !disabled);
  if (pid !== 1 || !hasPrograms) return [];
  return [
    'lockgate is PID 1 here, and what programs of servers leave behind stays as zombies: give the container an init ' +
      '("docker run --init", "init: true" in Compose, "shareProcessNamespace: true" in Kubernetes)',
  ];
}
