import type { Command } from 'commander';
import { nearest } from '../config/nearest.ts';

/**
 * Lets a command that has others below it say of a name which it does not have that it is unknown, and which it has; also where one of them stands in when none
 * is named, which would take the name for an argument of its own.
 */
export function nameUnknownSubcommands(command: Command): void {
  if (command.commands.length === 0) return;
  command.on('command:*', ([name]: readonly string[]) => refuse(command, name));
  command.hook('preSubcommand', (group, subcommand) => {
    const [name] = group.args;
    if (name !== undefined && !name.startsWith('-') && name !== subcommand.name()) refuse(group, name);
  });
  for (const below of command.commands) nameUnknownSubcommands(below);
}

function refuse(command: Command, name = ''): never {
  const known = command.commands.map((one) => one.name());
  const meant = nearest(name, known);
  const lines = [
    `error: unknown command '${name}'`,
    ...(meant === undefined ? [] : [`(Did you mean ${meant}?)`]),
    `(${pathOf(command)} has: ${known.join(', ')})`,
  ];
  return command.error(lines.join('\n'), { code: 'commander.unknownCommand' });
}

function pathOf(command: Command): string {
  return command.parent ? `${pathOf(command.parent)} ${command.name()}` : command.name();
}
