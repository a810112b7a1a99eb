import { Json, Kind, Result } from '../../assemblyscript/assembly/sdk';
import { CheckedTool, textOr } from '../../assemblyscript/assembly/checked-tool';
import { isCombining, isDigit, isWide, unitsOf } from './characters';
import { CsvReader } from './csv';

const definition = `{
  "name": "table_to_markdown",
  "description": "Writes a table as Markdown. Takes CSV or TSV text whose first row names the columns, or a JSON array of objects or of rows. Columns of numbers are aligned to the right.",
  "input_schema": {
    "type": "object",
    "properties": {
      "data": { "type": "string", "description": "The table, as CSV, TSV or JSON text." },
      "format": { "type": "string", "enum": ["csv", "tsv", "json"], "description": "What data is; csv by default." }
    },
    "required": ["data"],
    "additionalProperties": false
  },
  "annotations": { "title": "Table to Markdown", "readOnlyHint": true, "idempotentHint": true, "openWorldHint": false }
}`;

export const tableToMarkdown = new CheckedTool(Json.parse(definition), (args: Json): Result => {
  const data = args.at('data').text;
  const format = textOr(args, 'format', 'csv');
  let rows: string[][];
  let problem: string;
  if (format == 'json') {
    const table = Json.parse(data);
    problem = problemWithTable(table);
    rows = problem == '' ? rowsOfJson(table.items) : [];
  } else {
    const csv = new CsvReader(data, format == 'csv' ? 0x2c : 0x09);
    rows = csv.rows();
    problem = csv.problem;
  }
  if (problem == '' && rows.length == 0) problem = 'has no rows';
  if (problem != '') return new Result(`table_to_markdown: the argument "data" is no table: ${problem}`, true);
  return new Result(markdown(rows));
});

function problemWithTable(table: Json): string {
  if (table.kind == Kind.Invalid) return table.text;
  if (table.kind != Kind.Array) return 'it is no JSON array';
  for (let i = 0; i < table.items.length; i++) {
    const kind = table.items[i].kind;
    if (kind != Kind.Object && kind != Kind.Array) return `item ${i} is neither an object nor an array`;
    if (kind != table.items[0].kind) return `item ${i} is of another kind than item 0`;
  }
  return '';
}

/** Objects may lack columns: the header names every key, in the order in which they first appear. */
function rowsOfJson(items: Json[]): string[][] {
  const rows: string[][] = [];
  if (items.length && items[0].kind == Kind.Array) {
    for (let i = 0; i < items.length; i++) rows.push(items[i].items.map<string>(cellText));
    return rows;
  }
  const seen = new Set<string>();
  for (let i = 0; i < items.length; i++) {
    const keys = items[i].fields.keys();
    for (let k = 0; k < keys.length; k++) seen.add(keys[k]);
  }
  const columns = seen.values();
  if (columns.length) rows.push(columns);
  for (let i = 0; i < items.length && columns.length; i++) {
    const row = new Array<string>(columns.length);
    for (let c = 0; c < columns.length; c++) row[c] = cellText(items[i].at(columns[c]), c, items);
    rows.push(row);
  }
  return rows;
}

function cellText(value: Json, _index: i32, _all: Json[]): string {
  if (value.kind == Kind.Null) return '';
  return value.kind == Kind.Array || value.kind == Kind.Object ? value.stringify() : value.text;
}

function markdown(rows: string[][]): string {
  let columns = 0;
  for (let r = 0; r < rows.length; r++) {
    columns = max(columns, rows[r].length);
    for (let c = 0; c < rows[r].length; c++) rows[r][c] = escaped(rows[r][c]);
  }
  const widths = new Array<i32>(columns);
  const numeric = new Array<bool>(columns);
  for (let c = 0; c < columns; c++) {
    widths[c] = 3;
    numeric[c] = rows.length > 1;
    for (let r = 0; r < rows.length; r++) {
      const cell = c < rows[r].length ? rows[r][c] : '';
      widths[c] = max(widths[c], widthOf(cell));
      if (r && cell != '' && !isNumeric(cell)) numeric[c] = false;
    }
  }
  const parts: string[] = [];
  for (let r = 0; r < rows.length; r++) {
    for (let c = 0; c < columns; c++) {
      const cell = c < rows[r].length ? rows[r][c] : '';
      parts.push('| ');
      if (!numeric[c]) parts.push(cell);
      for (let width = widthOf(cell); width < widths[c]; width++) parts.push(' ');
      if (numeric[c]) parts.push(cell);
      parts.push(' ');
    }
    parts.push('|\n');
    if (r) continue;
    for (let c = 0; c < columns; c++) parts.push(`| ${'-'.repeat(widths[c] - 1)}${numeric[c] ? ':' : '-'} `);
    parts.push('|\n');
  }
  return parts.join('');
}

/** A cell is one line, and a bar in it would end it. */
function escaped(cell: string): string {
  if (!cell.includes('|') && !cell.includes('\n') && !cell.includes('\r')) return cell.trim();
  return cell.trim().replaceAll('|', '\\|').replaceAll('\r\n', '<br>').replaceAll('\n', '<br>').replaceAll('\r', '<br>');
}

function isNumeric(cell: string): bool {
  const first = cell.charCodeAt(0);
  return (first == 0x2d || isDigit(first)) && Json.parse(cell).kind == Kind.Number;
}

/** Columns in a fixed-width font. */
function widthOf(cell: string): i32 {
  let width = 0;
  for (let at = 0, code = 0; at < cell.length; at += unitsOf(code)) {
    code = cell.codePointAt(at);
    width += isCombining(code) ? 0 : isWide(code) ? 2 : 1;
  }
  return width;
}
