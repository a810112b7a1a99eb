import type { ByteReader } from './byte-reader.ts';

/**
 * Moves past the expression that a global, a segment or an entry of a table begins with; false where it holds an
 * instruction that is not known here, which leaves the reader somewhere in it.
 */
export function skipConstant(reader: ByteReader): boolean {
  for (;;) {
    const opcode = reader.byte();
    switch (opcode) {
      case 0x0b: // end
        return true;
      case 0x23: // global.get
      case 0x41: // i32.const
      case 0x42: // i64.const
      case 0xd0: // ref.null
      case 0xd2: // ref.func
        while (reader.byte() >= 0x80);
        break;
      case 0x43: // f32.const
        reader.skip(4);
        break;
      case 0x44: // f64.const
        reader.skip(8);
        break;
      case 0x6a: // i32.add, sub, mul
      case 0x6b:
      case 0x6c:
      case 0x7c: // i64.add, sub, mul
      case 0x7d:
      case 0x7e:
        break;
      default:
        return false;
    }
  }
}
