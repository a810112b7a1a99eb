/** Reads CSV (RFC 4180): quoted fields may hold separators, quotes (doubled) and line breaks. */
export class CsvReader {
  /** What is wrong with the text; '' where nothing is. */
  problem: string = '';
  private at: i32 = 0;

  constructor(private readonly text: string, private readonly separator: i32) {}

  rows(): string[][] {
    const rows: string[][] = [];
    while (this.at < this.text.length && this.problem == '') rows.push(this.row());
    return rows;
  }

  private row(): string[] {
    const fields: string[] = [];
    do fields.push(this.unit() == 0x22 ? this.quoted() : this.bare());
    while (this.skip(this.separator));
    this.skip(0x0d);
    if (this.at < this.text.length && !this.skip(0x0a) && this.text.charCodeAt(this.at - 1) != 0x0d) {
      this.problem = `there is text after a closing quote (character ${this.at + 1})`;
    }
    return fields;
  }

  private bare(): string {
    const start = this.at;
    while (this.at < this.text.length && this.unit() != this.separator && this.unit() != 0x0a && this.unit() != 0x0d) this.at++;
    return this.text.substring(start, this.at);
  }

  private quoted(): string {
    const opening = this.at + 1;
    const parts: string[] = [];
    do {
      const start = ++this.at;
      this.at = this.text.indexOf('"', start);
      if (this.at < 0) {
        this.at = this.text.length;
        this.problem = `a quote is never closed (character ${opening})`;
        return '';
      }
      parts.push(this.text.substring(start, this.at));
      this.at++;
    } while (this.unit() == 0x22);
    return parts.join('"');
  }

  private unit(): i32 {
    return this.text.charCodeAt(this.at);
  }

  private skip(unit: i32): bool {
    if (this.unit() != unit) return false;
    this.at++;
    return true;
  }
}
