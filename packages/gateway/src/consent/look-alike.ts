/** Letters of other scripts, and digits, that look like Latin ones in most fonts. Source: the commonest of Unicode TS 39's confusables. */
const LOOKS_LIKE: Readonly<Record<string, string>> = Object.fromEntries(
  Object.entries({
    a: 'аɑαά',
    b: 'ьƅ',
    c: 'сϲ',
    d: 'ԁ',
    e: 'еєҽ℮',
    f: 'ſ',
    g: 'ɡց',
    h: 'һհ',
    i: 'іıɩιίӏ',
    j: 'јϳ',
    k: 'кκ',
    l: '1|ⅼן',
    m: 'м',
    n: 'пո',
    o: '0оοόօ',
    p: 'рρ',
    q: 'ԛզ',
    r: 'гᴦ',
    s: 'ѕꜱ',
    t: 'тτ',
    u: 'υսʋ',
    v: 'νѵ',
    w: 'ѡԝω',
    x: 'хχ',
    y: 'уγү',
    z: 'ᴢ',
    _: '‐‑‒–—―−-',
  }).flatMap(([latin, others]) => [...others].map((other) => [other, latin])),
);

/** What is equal for names that people take for one another. */
export function looksOf(name: string): string {
  return Array.from(name.normalize('NFKC').replaceAll('I', 'l').toLowerCase(), (one) => LOOKS_LIKE[one] ?? one)
    .join('')
    .replaceAll('rn', 'm')
    .replaceAll('vv', 'w')
    .replace(/[\p{Mn}\p{Cf}]/gu, '');
}
