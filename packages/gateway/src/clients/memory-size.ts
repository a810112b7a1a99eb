import type { KeyRule } from './key-rules.ts';

const PAGE_BYTES = 65_536;
const LARGEST_BYTES = 2 ** 32;
const POWERS = ['', 'k', 'm', 'g', 't'];

/** A number with a unit: `MB` is of 1000, `Mi` and `MiB` of 1024; of what results, whole pages count there. */
export const memorySize: KeyRule = (value, { entry, remarks }, key) => {
  if (value === null) return;
  const [, number = '', letter = '', binary = ''] =
    /^\s*(\d+(?:\.\d+)?)\s*([kmgt]?)(i?)b?\s*$/i.exec(String(value)) ?? [];
  const power = POWERS.indexOf(letter.toLowerCase());
  const bytes = Math.floor((Number(number) * (binary === '' ? 1_000 : 1_024) ** power) / PAGE_BYTES) * PAGE_BYTES;
  if (number !== '' && bytes > 0 && bytes <= LARGEST_BYTES) entry.limits = { memoryCeilingBytes: bytes };
  else
    remarks.add(
      `"${key}" is no size from 64 KiB to 4 GiB and is left out: 256 MiB hold, or "limits.memoryCeilingBytes"`,
    );
};
