import { quoted } from '../quoted.ts';
import { hints } from './describe-listing.ts';
import { exampleOf, schemaRows } from './describe-schema.ts';
import type { ListedItem } from './listing.ts';
import { printable } from './printable.ts';
import { columns, type Paint } from './terminal.ts';

/**
 * A tool in full: what it says of itself, its arguments and its answer by their schemas, and how to call it.
 *
 * @param flag - Of the configuration that it is of.
 */
export function describeTool({ name, ownName, server, item }: ListedItem, flag: string, paint: Paint): string {
  const { title, description, inputSchema, outputSchema } = item;
  const effect = hints(item);
  const facts = [server && `of ${server}`, ownName !== name && `there "${ownName}"`, effect].filter(Boolean);
  const said = [title, description].filter((one) => typeof one === 'string').join('\n');
  const parts = [
    `${paint('bold', printable(name))}${facts.length > 0 ? `  (${printable(facts.join(', '))})` : ''}\n`,
    said === '' ? '' : `${said.split('\n').map(printable).join('\n').trim()}\n`,
    section('arguments', inputSchema, paint),
    outputSchema === undefined ? '' : section('answer', outputSchema, paint),
    `lockgate call ${quoted(name)} ${quoted(JSON.stringify(exampleOf(inputSchema)))}${flag}\n`,
  ];
  return parts.filter((part) => part !== '').join('\n');
}

function section(title: string, schema: unknown, paint: Paint): string {
  const rows = schemaRows(schema).map(({ path, kind, isRequired, description }) => [
    paint('cyan', printable(path)),
    printable(kind),
    isRequired ? 'required' : '',
    printable(description).replace(/\s+/g, ' '),
  ]);
  return `${paint('bold', title)}\n${rows.length === 0 ? '  none\n' : columns(rows, '  ')}`;
}
