/** Rows as a table of plain text; a cell that is too long is broken between words. */
export function table(
  headings: readonly string[],
  rows: readonly (readonly string[])[],
  width = 118,
): string {
  const columns = headings.map((heading, i) =>
    Math.max(...[heading, ...rows.map((r) => r[i] ?? '')].map(length)),
  );
  const fixed = columns.slice(0, -1).reduce((sum, w) => sum + w + 2, 0);
  const last = Math.max(30, width - fixed);
  const line = (cells: readonly string[]): string =>
    cells
      .map((cell, i) => (i < columns.length - 1 ? pad(cell, columns[i] ?? 0) : cell))
      .join('  ')
      .trimEnd();

  const rule = columns.map((w, i) => '─'.repeat(i < columns.length - 1 ? w : Math.min(w, last)));
  return [
    line(headings),
    line(rule),
    ...rows.flatMap((row) => {
      const [first = '', ...more] = wrap(row.at(-1) ?? '', last);
      const blank = row.slice(0, -1).map(() => '');
      return [line([...row.slice(0, -1), first]), ...more.map((text) => line([...blank, text]))];
    }),
  ].join('\n');
}

function wrap(text: string, width: number): readonly string[] {
  const lines: string[] = [];
  let line = '';
  for (const word of text.split(' ')) {
    if (line !== '' && length(line) + 1 + length(word) > width) {
      lines.push(line);
      line = word;
    } else {
      line = line === '' ? word : `${line} ${word}`;
    }
  }
  return [...lines, line];
}

function pad(text: string, width: number): string {
  return text + ' '.repeat(Math.max(0, width - length(text)));
}

/** In characters as people count them. */
function length(text: string): number {
  return [...new Intl.Segmenter('fr', { granularity: 'grapheme' }).segment(text)].length;
}
